#include "tailor/data/idx.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>

#include "tailor/core/error.hpp"
#include "tailor/data/byte_source.hpp"

namespace tailor::internal {

namespace {

constexpr int kMostDims = 4;
constexpr std::uint64_t kMostIdxValues = (std::uint64_t(1) << 31) - 1;  // 2 GiB - 1

std::string type_name(int type) {
  switch (type) {
    case 0x08:
      return "unsigned bytes";
    case 0x09:
      return "signed bytes";
    case 0x0b:
      return "16-bit integers";
    case 0x0c:
      return "32-bit integers";
    case 0x0d:
      return "32-bit floats";
    case 0x0e:
      return "64-bit floats";
    default:
      return "an unknown type";
  }
}

std::string size_text(const auto& sizes) {
  return fmt::format("{}", fmt::join(sizes, "x"));
}

// The number of dimensions, from the first four bytes.
int read_magic(ByteSource& source, const std::string& name, IdxType type) {
  std::array<std::uint8_t, 4> magic = {};
  const std::size_t found = source.read(magic);
  if (found < magic.size()) {
    throw bad_input(
        fmt::format("{}: {} bytes is too short for an IDX file, which starts with 4", name, found));
  }
  if (magic[0] != 0 || magic[1] != 0) {
    throw bad_input(fmt::format(
        "{}: not an IDX file: it starts with {:02x} instead of 00 00 08 and the number of "
        "dimensions",
        name, fmt::join(magic, " ")));
  }
  if (magic[2] != int(type)) {
    throw bad_input(
        fmt::format("{}: holds {} (IDX type {:#04x}), but {}", name, type_name(magic[2]), magic[2],
                    type == IdxType::kBytes ? "images and labels must be unsigned bytes (0x08)"
                                            : "its name says 32-bit integers (0x0c)"));
  }
  if (magic[3] < 1 || magic[3] > kMostDims) {
    throw bad_input(fmt::format("{}: {} dimensions in an IDX file of labels (1) or images (3 or 4)",
                                name, magic[3]));
  }
  return magic[3];
}

std::vector<std::uint32_t> read_sizes(ByteSource& source, int count, const std::string& name) {
  std::array<std::uint8_t, 4 * kMostDims> bytes = {};
  const std::size_t found = source.read(std::span(bytes).first(std::size_t(4 * count)));
  if (found < std::size_t(4 * count)) {
    throw bad_input(
        fmt::format("{}: truncated: the header of {} dimensions needs {} bytes, found {}", name,
                    count, 4 + 4 * count, 4 + found));
  }
  std::vector<std::uint32_t> sizes;
  for (int d = 0; d < count; ++d) {
    std::uint32_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | bytes[std::size_t(4 * d + i)];
    sizes.push_back(size);
  }
  return sizes;
}

// Reads the header and leaves `source` at the first value.
std::vector<int> read_header(ByteSource& source, const std::string& name, IdxType type) {
  auto sizes = read_sizes(source, read_magic(source, name, type), name);
  if (type == IdxType::kIntegers) sizes.push_back(4);
  const std::string shape = size_text(sizes);
  std::uint64_t values = 1;
  for (const std::uint32_t size : sizes) {
    if (size == 0) throw bad_input(fmt::format("{}: empty: the sizes are {}", name, shape));
    if (size > kMostIdxValues / values) {
      throw bad_input(
          fmt::format("{}: the sizes {} are absurd: 2 GiB or more of values", name, shape));
    }
    values *= size;
  }
  return {sizes.begin(), sizes.end()};
}

// As many as there are, up to `expected`. Memory is taken for what came, not for what a gzipped
// file's header promises.
std::size_t read_values(ByteSource& source, std::size_t expected,
                        std::vector<std::uint8_t>& values) {
  constexpr std::size_t kFirst = std::size_t(64) << 20;
  std::size_t found = 0;
  while (found == values.size() && found < expected) {
    values.resize(std::min(expected, source.gzipped() ? std::max(kFirst, 2 * found) : expected));
    found += source.read(std::span(values).subspan(found));
  }
  return found;
}

}  // namespace

std::vector<int> read_idx_dims(const std::filesystem::path& path) {
  ByteSource source(path);
  return read_header(source, path.string(), IdxType::kBytes);
}

IdxArray read_idx(const std::filesystem::path& path, IdxType type) {
  ByteSource source(path);
  const std::string name = path.string();
  IdxArray array;
  array.dims = read_header(source, name, type);
  std::size_t expected = 1;
  for (const int dim : array.dims) expected *= std::size_t(dim);

  const std::string shape = size_text(array.dims);
  const std::size_t sizes = array.dims.size() - (type == IdxType::kIntegers);
  const std::uint64_t header = 4 + 4 * sizes;
  const auto refuse_truncated = [&](std::uint64_t found) {
    throw bad_input(fmt::format("{}: truncated: {} should hold {} values, found {}", name, shape,
                                expected, found));
  };
  if (!source.gzipped() && source.file_bytes() < header + expected) {
    refuse_truncated(source.file_bytes() - header);
  }
  if (source.most_bytes() < expected) {
    throw bad_input(
        fmt::format("{}: truncated: {} should hold {} values, more than {} bytes of gzip "
                    "can unpack to",
                    name, shape, expected, source.file_bytes()));
  }
  const std::size_t found = read_values(source, expected, array.values);
  if (found < expected) refuse_truncated(found);
  std::array<std::uint8_t, 1> beyond = {};
  if (source.read(beyond) != 0) {
    throw bad_input(
        fmt::format("{}: trailing bytes after the {} values of {}", name, expected, shape));
  }
  if (source.truncated()) {
    throw bad_input(fmt::format("{}: truncated: the gzip checksum at the end is missing", name));
  }
  return array;
}

}  // namespace tailor::internal
