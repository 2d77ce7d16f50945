#include "tailor/formats/exif.hpp"

#include <cstddef>
#include <string_view>

namespace tailor::internal {
namespace {

constexpr int kUpright = 1;
constexpr std::uint32_t kOrientationTag = 274;

// Numbers of a TIFF file in its own order of bytes; 0 beyond its end.
class TiffNumbers {
 public:
  TiffNumbers(std::span<const std::uint8_t> bytes, bool little) : bytes_(bytes), little_(little) {}

  std::uint32_t at(std::size_t place, std::size_t size) const {
    if (place > bytes_.size() || size > bytes_.size() - place) return 0;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i) {
      number = number << 8 | bytes_[place + (little_ ? size - 1 - i : i)];
    }
    return number;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  bool little_;
};

bool opens_with(std::span<const std::uint8_t> bytes, std::string_view text) {
  return bytes.size() >= text.size() &&
         std::string_view(reinterpret_cast<const char*>(bytes.data()), text.size()) == text;
}

// In bytes, of an entry's type; 0 for one that holds no whole number.
std::size_t size_of_type(std::uint32_t type) {
  switch (type) {
    case 1:
      return 1;  // BYTE
    case 3:
      return 2;  // SHORT
    case 4:
      return 4;  // LONG
    default:
      return 0;
  }
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> block) {
  using namespace std::string_view_literals;
  if (opens_with(block, "Exif\0\0"sv)) block = block.subspan(6);
  const bool little = opens_with(block, "II*\0"sv);
  if (!little && !opens_with(block, "MM\0*"sv)) return kUpright;
  const TiffNumbers numbers(block, little);
  const std::size_t directory = numbers.at(4, 4);
  const std::size_t entries = numbers.at(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (numbers.at(entry, 2) != kOrientationTag) continue;
    const std::size_t size = size_of_type(numbers.at(entry + 2, 2));
    const std::uint32_t value = numbers.at(entry + 8, size);
    return value >= 1 && value <= 8 ? int(value) : kUpright;
  }
  return kUpright;
}

}  // namespace tailor::internal
