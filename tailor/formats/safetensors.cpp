#include "tailor/formats/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"
#include "tailor/core/limits.hpp"

namespace tailor::internal {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they are");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kRankLimit = 64;
constexpr const char* kMetadataKey = "__metadata__";
constexpr std::array<std::string_view, 3> kTensorKeys = {"dtype", "shape", "data_offsets"};

// Zero for a dtype the format doesn't know.
std::uint64_t bits_of(const std::string& dtype) {
  static const std::map<std::string, std::uint64_t> kBits = {
      {"F4", 4},   {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"BOOL", 8},    {"U8", 8},
      {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"I16", 16},
      {"U16", 16}, {"F16", 16},    {"BF16", 16},   {"I32", 32},    {"U32", 32},
      {"F32", 32}, {"I64", 64},    {"U64", 64},    {"F64", 64},    {"C64", 64}};
  const auto found = kBits.find(dtype);
  return found == kBits.end() ? 0 : found->second;
}

// One short line, whatever a stranger wrote.
std::string shown(const std::string& text) {
  constexpr std::size_t kLongest = 80;
  const bool is_long = text.size() > kLongest;
  return Json(is_long ? text.substr(0, kLongest) + "..." : text)
      .dump(-1, ' ', true, Json::error_handler_t::replace);
}

// One tensor as the header tells it.
struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::uint64_t> offsets;  // begin and end in the buffer
  std::array<bool, 3> seen{};          // which of kTensorKeys came
};

// Takes exactly the header's grammar from the JSON parser's events, so that nothing else is ever
// stored: {"__metadata__": {text: text}, name: {"dtype": text, "shape": [int], "data_offsets":
// [int, int]}}.
class HeaderReader {
 public:
  explicit HeaderReader(const std::string& source) : source_(source) {}

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  [[noreturn]] void refuse(const std::string& what) const {
    throw bad_input(fmt::format("{} is not a safetensors file: {}", source_, what));
  }

  bool start_object(std::size_t) {
    if (place_ == Place::kOutside) {
      place_ = Place::kTop;
    } else if (place_ == Place::kTop && key_ == kMetadataKey) {
      place_ = Place::kMetadata;
    } else if (place_ == Place::kTop) {
      entries.push_back({.name = key_, .dtype = {}, .shape = {}, .offsets = {}, .seen = {}});
      place_ = Place::kTensor;
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool key(std::string& name) {
    key_ = name;
    bool is_new = true;
    if (place_ == Place::kTop) {
      is_new = names_.insert(name).second;
    } else if (place_ == Place::kMetadata) {
      is_new = metadata.find(name) == metadata.end();
    } else {
      const auto known = std::find(kTensorKeys.begin(), kTensorKeys.end(), name);
      if (known == kTensorKeys.end()) unexpected("something unknown");
      is_new = !std::exchange(entries.back().seen[std::size_t(known - kTensorKeys.begin())], true);
    }
    if (!is_new) refuse(fmt::format("key {} appears twice in its header", shown(name)));
    return true;
  }

  bool end_object() {
    if (place_ == Place::kTensor && entries.back().seen != std::array{true, true, true}) {
      refuse(fmt::format("tensor {} lacks its dtype, shape or data_offsets",
                         shown(entries.back().name)));
    }
    place_ = place_ == Place::kTop ? Place::kOutside : Place::kTop;
    return true;
  }

  bool start_array(std::size_t) {
    if (place_ == Place::kTensor && key_ == "shape") {
      place_ = Place::kShape;
    } else if (place_ == Place::kTensor && key_ == "data_offsets") {
      place_ = Place::kOffsets;
    } else {
      unexpected("a list");
    }
    return true;
  }

  bool end_array() {
    if (place_ == Place::kOffsets && entries.back().offsets.size() != 2) {
      unexpected("a list of another length than 2");
    }
    place_ = Place::kTensor;
    return true;
  }

  bool string(std::string& text) {
    if (place_ == Place::kMetadata) {
      metadata.emplace(key_, text);
    } else if (place_ == Place::kTensor && key_ == "dtype") {
      if (bits_of(text) == 0) {
        refuse(fmt::format("tensor {} has the unknown dtype {}", shown(entries.back().name),
                           shown(text)));
      }
      entries.back().dtype = text;
    } else {
      unexpected("a string");
    }
    return true;
  }

  bool number_unsigned(std::uint64_t number) {
    if (place_ == Place::kShape && entries.back().shape.size() < kRankLimit &&
        number <= std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
      entries.back().shape.push_back(std::int64_t(number));
    } else if (place_ == Place::kOffsets && entries.back().offsets.size() < 2) {
      entries.back().offsets.push_back(number);
    } else {
      unexpected(fmt::format("the number {}", number));
    }
    return true;
  }

  bool number_integer(std::int64_t number) { unexpected(fmt::format("the number {}", number)); }
  bool number_float(double, const std::string& text) { unexpected("the number " + shown(text)); }
  bool boolean(bool) { unexpected("true or false"); }
  bool null() { unexpected("null"); }
  bool binary(std::vector<std::uint8_t>&) { unexpected("bytes"); }
  bool parse_error(std::size_t position, const std::string&, const std::exception&) {
    refuse(fmt::format("its header is not JSON at byte {}", kLengthBytes + position));
  }

 private:
  enum class Place { kOutside, kTop, kMetadata, kTensor, kShape, kOffsets };

  [[noreturn]] void unexpected(const std::string& what) const {
    const bool in_tensor =
        place_ == Place::kTensor || place_ == Place::kShape || place_ == Place::kOffsets;
    const std::string owner =
        in_tensor ? fmt::format(" of tensor {}", shown(entries.back().name)) : "";
    refuse(fmt::format("its header has {} at key {}{}", what, shown(key_), owner));
  }

  std::string source_;
  Place place_ = Place::kOutside;
  std::string key_;
  std::set<std::string> names_;
};

// Elements times bits, in bytes; nothing if that overflows or ends inside a byte.
bool byte_size(const std::string& dtype, const std::vector<std::int64_t>& shape,
               std::uint64_t& bytes) {
  std::uint64_t bits = bits_of(dtype);
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bits, std::uint64_t(extent), &bits)) return false;
  }
  bytes = bits / 8;
  return bits % 8 == 0;
}

// Sorts by offset, and checks that the tensors tile the buffer.
void check_layout(HeaderReader& header, std::uint64_t buffer_bytes) {
  std::sort(header.entries.begin(), header.entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.offsets, a.name) < std::tie(b.offsets, b.name);
  });
  std::uint64_t position = 0;
  for (const Entry& entry : header.entries) {
    const std::uint64_t begin = entry.offsets[0];
    const std::uint64_t end = entry.offsets[1];
    std::uint64_t bytes = 0;
    if (end < begin || end > buffer_bytes || !byte_size(entry.dtype, entry.shape, bytes) ||
        bytes != end - begin) {
      header.refuse(
          fmt::format("tensor {} does not fit its shape, or the file, at offsets {} to {}",
                      shown(entry.name), begin, end));
    }
    if (begin != position) {
      header.refuse(fmt::format("tensor {} begins at offset {} where the one before ends at {}",
                                shown(entry.name), begin, position));
    }
    position = end;
  }
  if (position != buffer_bytes) {
    header.refuse(fmt::format("its tensors end at {} of {} bytes", position, buffer_bytes));
  }
}

Json header_of(const SafetensorsFile& file) {
  Json header = Json::object();
  auto& entries =
      header.get_ref<Json::object_t&>();  // a vector, in which each search would be long
  std::set<std::string_view> names = {kMetadataKey};
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::uint64_t position = 0;
  for (const NamedTensor& tensor : file.tensors) {
    std::uint64_t bytes = 0;
    if (bits_of(tensor.dtype) == 0 || !byte_size(tensor.dtype, tensor.shape, bytes) ||
        bytes != tensor.bytes.size()) {
      throw bad_input(fmt::format("cannot write tensor {}: {} bytes do not fit its dtype and shape",
                                  shown(tensor.name), tensor.bytes.size()));
    }
    if (!names.insert(tensor.name).second) {
      throw bad_input(fmt::format("cannot write tensor {}: the name is taken", shown(tensor.name)));
    }
    entries.push_back({tensor.name,
                       {{"dtype", tensor.dtype},
                        {"shape", tensor.shape},
                        {"data_offsets", {position, position + bytes}}}});
    position += bytes;
  }
  return header;
}

}  // namespace

std::vector<float> NamedTensor::floats() const {
  if (dtype != "F32") {
    throw bad_input(fmt::format("tensor {} is {}, not F32", shown(name), dtype));
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

const NamedTensor& SafetensorsFile::at(const std::string& name) const {
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw bad_input(fmt::format("there is no tensor {} in the file", shown(name)));
}

NamedTensor f32_tensor(std::string name, std::vector<std::int64_t> shape,
                       std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {std::move(name), "F32", std::move(shape), {first, first + bytes.size()}};
}

std::vector<std::uint8_t> encode_safetensors(const SafetensorsFile& file) {
  std::string header;
  try {
    header = header_of(file).dump();
  } catch (const Json::type_error&) {
    throw bad_input("cannot write the tensors: a name or a metadata text is not UTF-8");
  }
  header.append((kLengthBytes - header.size() % kLengthBytes) % kLengthBytes, ' ');
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    out.push_back(std::uint8_t(std::uint64_t(header.size()) >> (8 * i)));
  }
  out.insert(out.end(), header.begin(), header.end());
  for (const NamedTensor& tensor : file.tensors) {
    out.insert(out.end(), tensor.bytes.begin(), tensor.bytes.end());
  }
  return out;
}

SafetensorsFile decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& source) {
  HeaderReader header(source);
  if (bytes.size() < kLengthBytes) header.refuse("it is shorter than 8 bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMostTextBytes) {
    header.refuse(fmt::format("its header has {} bytes, more than {}", length, kMostTextBytes));
  }
  if (length > bytes.size() - kLengthBytes) header.refuse("its header goes past the end");
  const auto text = bytes.subspan(kLengthBytes, length);
  if (text.empty() || text[0] != '{') header.refuse("its header does not begin with {");
  Json::sax_parse(text.begin(), text.end(), &header);
  const auto buffer = bytes.subspan(kLengthBytes + length);
  check_layout(header, buffer.size());

  SafetensorsFile file;
  file.metadata = std::move(header.metadata);
  for (Entry& entry : header.entries) {
    const auto data = buffer.subspan(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
    file.tensors.push_back({std::move(entry.name),
                            std::move(entry.dtype),
                            std::move(entry.shape),
                            {data.begin(), data.end()}});
  }
  return file;
}

}  // namespace tailor::internal
