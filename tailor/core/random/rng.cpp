#include "tailor/core/random/rng.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#if defined(TAILOR_X86_TARGETS)
#include <immintrin.h>
// GCC 12 warns inside its own header (bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

constexpr int kRounds = 10;
constexpr std::uint32_t kMultiplier0 = 0xd2511f53u;
constexpr std::uint32_t kMultiplier1 = 0xcd9e8d57u;
constexpr std::uint32_t kWeyl0 = 0x9e3779b9u;  // golden ratio
constexpr std::uint32_t kWeyl1 = 0xbb67ae85u;  // sqrt(3) - 1

// [0, 1) with 53 bits.
double unit(std::uint32_t high, std::uint32_t low) {
  return double((std::uint64_t(high) << 32 | low) >> 11) * 0x1.0p-53;
}

constexpr std::uint32_t kIndexBits = 28;
constexpr std::uint32_t kIndexLimit = 1u << kIndexBits;

// The words of items 0, 1, 2, ... of one Rng, one after the other.
class WordStream {
 public:
  explicit WordStream(const Rng& rng) : rng_(rng) {}

  std::uint32_t next() {
    if (used_ == words_.size()) {
      words_ = rng_.words(item_++);
      used_ = 0;
    }
    return words_[used_++];
  }

  // Unbiased in [0, bound), by multiplication and rare rejection (Lemire, "Fast random integer
  // generation in an interval", 2019).
  std::uint32_t below(std::uint32_t bound) {
    const std::uint32_t threshold = (0u - bound) % bound;
    std::uint64_t product = 0;
    do {
      product = std::uint64_t(next()) * bound;
    } while (std::uint32_t(product) < threshold);
    return std::uint32_t(product >> 32);
  }

 private:
  const Rng& rng_;
  std::uint64_t item_ = 0;
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;
};

}  // namespace

#if defined(TAILOR_X86_TARGETS)
#pragma GCC push_options
#pragma GCC target("avx512f")

namespace avx512 {
namespace {

constexpr std::size_t kWideWords = 64;  // of 16 counters

// The low and high halves of 16 products.
struct Product {
  __m512i low, high;
};
Product multiply(__m512i a, __m512i b) {
  constexpr __mmask16 kOdd = 0xaaaa;
  const __m512i even = _mm512_mul_epu32(a, b);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), b);
  return {_mm512_mask_blend_epi32(kOdd, even, _mm512_slli_epi64(odd, 32)),
          _mm512_mask_blend_epi32(kOdd, _mm512_srli_epi64(even, 32), odd)};
}

// philox() of 16 counters that differ in their last word by 0..15: 9 times as fast, and dropout
// draws 3,000 words an image.
void philox_wide(std::array<std::uint32_t, 4> counter, std::uint64_t key, std::uint32_t* out) {
  // Element 4j + k takes counter 4k + j, so that the transposition below leaves the words in order.
  const __m512i steps = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  __m512i c0 = _mm512_set1_epi32(int(counter[0]));
  __m512i c1 = _mm512_set1_epi32(int(counter[1]));
  __m512i c2 = _mm512_set1_epi32(int(counter[2]));
  __m512i c3 = _mm512_add_epi32(_mm512_set1_epi32(int(counter[3])), steps);
  auto key0 = std::uint32_t(key);
  auto key1 = std::uint32_t(key >> 32);
  for (int round = 0; round < kRounds; ++round) {
    const Product p0 = multiply(c0, _mm512_set1_epi32(int(kMultiplier0)));
    const Product p1 = multiply(c2, _mm512_set1_epi32(int(kMultiplier1)));
    c0 = _mm512_xor_si512(_mm512_xor_si512(p1.high, c1), _mm512_set1_epi32(int(key0)));
    c1 = p1.low;
    c2 = _mm512_xor_si512(_mm512_xor_si512(p0.high, c3), _mm512_set1_epi32(int(key1)));
    c3 = p0.low;
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  const __m512i low01 = _mm512_unpacklo_epi32(c0, c1);
  const __m512i high01 = _mm512_unpackhi_epi32(c0, c1);
  const __m512i low23 = _mm512_unpacklo_epi32(c2, c3);
  const __m512i high23 = _mm512_unpackhi_epi32(c2, c3);
  _mm512_storeu_si512(out, _mm512_unpacklo_epi64(low01, low23));
  _mm512_storeu_si512(out + 16, _mm512_unpackhi_epi64(low01, low23));
  _mm512_storeu_si512(out + 32, _mm512_unpacklo_epi64(high01, high23));
  _mm512_storeu_si512(out + 48, _mm512_unpackhi_epi64(high01, high23));
}

}  // namespace
}  // namespace avx512

#pragma GCC pop_options
#endif

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key) {
  auto key0 = std::uint32_t(key);
  auto key1 = std::uint32_t(key >> 32);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t p0 = std::uint64_t(kMultiplier0) * counter[0];
    const std::uint64_t p1 = std::uint64_t(kMultiplier1) * counter[2];
    counter = {std::uint32_t(p1 >> 32) ^ counter[1] ^ key0, std::uint32_t(p1),
               std::uint32_t(p0 >> 32) ^ counter[3] ^ key1, std::uint32_t(p0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return counter;
}

// Item, stream, purpose and index each have bits of their own in the counter, and the seed is the
// key: no two draws share a Philox input.
std::array<std::uint32_t, 4> Rng::words(std::uint64_t item, std::uint32_t index) const {
  if (index >= kIndexLimit) {
    throw bad_input(fmt::format("cannot make random draw number {} of one item: the limit is {}",
                                index, kIndexLimit - 1));
  }
  const std::uint32_t purpose_and_index = std::uint32_t(purpose_) << kIndexBits | index;
  return philox({std::uint32_t(item), std::uint32_t(item >> 32), stream_, purpose_and_index},
                seed_);
}

void Rng::fill(std::uint64_t item, std::span<std::uint32_t> out) const {
  if (out.size() / 4 >= kIndexLimit) words(item, kIndexLimit);  // refuses
  std::size_t done = 0;
#if defined(TAILOR_X86_TARGETS)
  const std::uint32_t top = std::uint32_t(purpose_) << kIndexBits;
  const std::size_t wide = __builtin_cpu_supports("avx512f") ? out.size() : 0;
  for (; done + avx512::kWideWords <= wide; done += avx512::kWideWords) {
    avx512::philox_wide(
        {std::uint32_t(item), std::uint32_t(item >> 32), stream_, top + std::uint32_t(done / 4)},
        seed_, out.data() + done);
  }
#endif
  for (; done < out.size(); done += 4) {
    const auto w = words(item, std::uint32_t(done / 4));
    std::copy_n(w.begin(), std::min<std::size_t>(4, out.size() - done),
                out.begin() + std::ptrdiff_t(done));
  }
}

double Rng::uniform(std::uint64_t item) const {
  const auto w = words(item);
  return unit(w[0], w[1]);
}

double Rng::normal(std::uint64_t item) const {
  const auto w = words(item);
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit(w[0], w[1])));
  return radius * std::cos(2.0 * std::numbers::pi * unit(w[2], w[3]));
}

std::vector<std::uint32_t> Rng::permutation(std::uint32_t n) const {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  WordStream stream(*this);
  for (std::uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return order;
}

}  // namespace tailor::internal
