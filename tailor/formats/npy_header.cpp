#include "tailor/formats/npy_header.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

// Behind `key` and blanks; empty where it is not there.
std::string_view behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  while (text.starts_with(' ') || text.starts_with(':')) text.remove_prefix(1);
  return text;
}

}  // namespace

std::size_t NpyHeader::value_bytes() const {
  if (type.size() != 3) return 0;
  const char kind = type[1], size = type[2];
  const bool number = kind == 'u' || kind == 'i' || kind == 'f' || kind == 'b';
  const bool power = size == '1' || size == '2' || size == '4' || size == '8';
  return number && power ? std::size_t(size - '0') : 0;
}

NpyHeader read_npy_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  const auto fail = [&](const char* what) {
    throw bad_input(fmt::format("{}: is no NumPy array: {}", source, what));
  };
  constexpr std::string_view kMagic = "\x93NUMPY";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < 12 || !text.starts_with(kMagic)) fail("it does not begin as one");
  const bool old = bytes[6] == 1;
  const std::size_t begin = old ? 10 : 12;
  std::size_t size = std::size_t(bytes[8]) | std::size_t(bytes[9]) << 8;
  if (!old) size |= std::size_t(bytes[10]) << 16 | std::size_t(bytes[11]) << 24;
  if (size > text.size() - begin) fail("its header is cut short or too long");
  const std::string_view header = text.substr(begin, size);
  NpyHeader array;
  array.bytes = begin + size;
  std::string_view type = behind(header, "'descr'");
  if (!type.starts_with('\'')) fail("an array of several fields is not read");
  type.remove_prefix(1);
  array.type = type.substr(0, type.find('\''));
  if (array.type.find('O') != std::string::npos) {
    throw bad_input(
        fmt::format("{}: holds Python objects (a pickle), which are never read; save "
                    "numbers: np.savez(file, x_train=images.astype('uint8'), ...)",
                    source));
  }
  array.columns_first = behind(header, "'fortran_order'").starts_with("True");
  std::string_view shape = behind(header, "'shape'");
  if (!shape.starts_with('(')) fail("its header has no shape");
  shape = shape.substr(1, std::min(shape.find(')'), shape.size() - 1));
  while (!shape.empty()) {
    if (shape.front() == ' ' || shape.front() == ',' || shape.front() == ')') {
      shape.remove_prefix(1);
      continue;
    }
    std::uint64_t side = 0;
    const auto [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), side);
    if (error != std::errc()) fail("its shape is not of whole numbers");
    array.shape.push_back(side);
    shape.remove_prefix(std::size_t(end - shape.data()));
    if (array.shape.size() > 32) fail("it has more than 32 dimensions");
  }
  return array;
}

}  // namespace tailor::internal
