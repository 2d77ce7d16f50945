// safetensors (huggingface/safetensors): u64 header length, JSON header, raw little-endian tensors.
// Ours to write, anybody's to read; a strict reader, since strangers send files.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace tailor::internal {

struct NamedTensor {
  std::string name;
  std::string dtype =
      "F32";  // F32, F64, U8, I64 are enough for us; the reader accepts every dtype of the format
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;

  std::vector<float> floats() const;  // throws bad_input unless F32
};

struct SafetensorsFile {
  std::vector<NamedTensor> tensors = {};  // in file order (by offset)
  std::map<std::string, std::string> metadata = {};

  const NamedTensor& at(const std::string& name) const;  // throws bad_input naming the tensor
};

NamedTensor f32_tensor(std::string name, std::vector<std::int64_t> shape,
                       std::span<const float> values);

std::vector<std::uint8_t> encode_safetensors(const SafetensorsFile& file);

// Throws bad_input (with `source`, the file's name) for: short file, header over kMostTextBytes or
// past the end, no leading '{', duplicate keys, unknown dtype, negative or overflowing shape,
// offsets that overlap, leave holes or do not cover the buffer.
SafetensorsFile decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& source);

}  // namespace tailor::internal
