// SHA-256 by nettle, which uses a CPU's own instructions for it.
#include <nettle/sha2.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "tailor/core/file.hpp"

namespace tailor::internal {

std::string sha256_hex(std::span<const std::uint8_t> bytes) {
  sha256_ctx state;
  sha256_init(&state);
  sha256_update(&state, bytes.size(), bytes.data());
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest;
  sha256_digest(&state, digest.size(), digest.data());
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace tailor::internal
