#include "tailor/data/weighted_sums.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "tailor/core/target/clones.hpp"
#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

namespace tailor::internal {
namespace {

constexpr int kHalf = 1 << (kWeightBits - 1);

std::uint8_t to_byte_of(int sum) {
  return std::uint8_t(std::clamp(sum >> kWeightBits, 0, 255));
}

// What every CPU does, and what all below are equal to.
void sum_row(const std::uint8_t* row, int channels, const Taps& taps, std::uint8_t* out) {
  for (std::size_t place = 0; place + 1 < taps.begin.size(); ++place) {
    const std::uint8_t* from = row + std::ptrdiff_t(taps.first[place]) * channels;
    for (int c = 0; c < channels; ++c) {
      int sum = kHalf;
      const std::uint8_t* pixel = from + c;
      for (int k = taps.begin[place]; k < taps.begin[place + 1]; ++k, pixel += channels) {
        sum += taps.weights[std::size_t(k)] * *pixel;
      }
      *out++ = to_byte_of(sum);
    }
  }
}

#if defined(__SSE4_1__)

// A weight is high * 2^15 + low, both of 16 bits, so that one instruction multiplies and adds two
// of them; the sum is put together at the end, and is exact.
constexpr int kLowBits = 15;

std::int16_t high_of(int weight) {
  return std::int16_t(weight >> kLowBits);
}
std::int16_t low_of(int weight) {
  return std::int16_t(weight & ((1 << kLowBits) - 1));
}

// Four pixels of RGB are 12 bytes. Weights of two neighbours lie side by side, once for each
// colour.
constexpr int kGroup = 4;
struct RgbWeights {
  __m128i high[2], low[2];  // of the first and the second two pixels
};

std::vector<RgbWeights> rgb_weights(const Taps& taps, std::vector<std::size_t>& begin) {
  std::vector<RgbWeights> groups;
  begin.assign(1, 0);
  for (std::size_t place = 0; place + 1 < taps.begin.size(); ++place) {
    const int end = taps.begin[place + 1];
    for (int k = taps.begin[place]; k < end; k += kGroup) {
      int weights[kGroup] = {};
      for (int i = 0; i < std::min(kGroup, end - k); ++i) {
        weights[i] = taps.weights[std::size_t(k + i)];
      }
      RgbWeights& group = groups.emplace_back();
      const auto pair = [](std::int16_t a, std::int16_t b) {
        return _mm_setr_epi16(a, b, a, b, a, b, 0, 0);
      };
      for (int i = 0; i < 2; ++i) {
        group.high[i] = pair(high_of(weights[2 * i]), high_of(weights[2 * i + 1]));
        group.low[i] = pair(low_of(weights[2 * i]), low_of(weights[2 * i + 1]));
      }
    }
    begin.push_back(groups.size());
  }
  return groups;
}

// Reads fewer than kBeyond bytes behind the row, and writes one behind the last pixel.
constexpr std::size_t kBeyond = 16;
void sum_rgb_row(const std::uint8_t* row, const Taps& taps, const std::vector<RgbWeights>& groups,
                 const std::vector<std::size_t>& begin, std::uint8_t* out) {
  // Red of two neighbours as 16 bits each, then green, then blue; then of the next two.
  const __m128i first = _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const __m128i second = _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m128i half = _mm_set1_epi32(kHalf);
  for (std::size_t place = 0; place + 1 < begin.size(); ++place, out += 3) {
    const std::uint8_t* from = row + std::ptrdiff_t(taps.first[place]) * 3;
    __m128i high = _mm_setzero_si128(), low = half;
    for (std::size_t g = begin[place]; g < begin[place + 1]; ++g, from += 3 * kGroup) {
      const __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      const __m128i a = _mm_shuffle_epi8(pixels, first), b = _mm_shuffle_epi8(pixels, second);
      const RgbWeights& weights = groups[g];
      high = _mm_add_epi32(high, _mm_add_epi32(_mm_madd_epi16(a, weights.high[0]),
                                               _mm_madd_epi16(b, weights.high[1])));
      low = _mm_add_epi32(
          low, _mm_add_epi32(_mm_madd_epi16(a, weights.low[0]), _mm_madd_epi16(b, weights.low[1])));
    }
    const __m128i sum = _mm_add_epi32(_mm_slli_epi32(high, kLowBits), low);
    const __m128i shifted = _mm_srai_epi32(sum, kWeightBits);
    const __m128i words = _mm_packs_epi32(shifted, shifted);
    const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    std::memcpy(out, &bytes, 4);
  }
}

#if defined(TAILOR_X86_TARGETS)

}  // namespace

namespace avx2 {  // as tools/check_portable knows what is not for every CPU

// Two rows at once, `stride` apart, with 32 bytes instead of 16.
__attribute__((target("avx2"))) static void sum_two_rgb_rows(const std::uint8_t* row,
                                                             std::size_t stride, const Taps& taps,
                                                             const std::vector<RgbWeights>& groups,
                                                             const std::vector<std::size_t>& begin,
                                                             std::uint8_t* out,
                                                             std::size_t out_stride) {
  const __m256i first = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
  const __m256i second = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
  const __m256i half = _mm256_set1_epi32(kHalf);
  for (std::size_t place = 0; place + 1 < begin.size(); ++place, out += 3) {
    const std::uint8_t* from = row + std::ptrdiff_t(taps.first[place]) * 3;
    __m256i high = _mm256_setzero_si256(), low = half;
    for (std::size_t g = begin[place]; g < begin[place + 1]; ++g, from += 3 * kGroup) {
      const __m256i pixels = _mm256_inserti128_si256(
          _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))),
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + stride)), 1);
      const __m256i a = _mm256_shuffle_epi8(pixels, first);
      const __m256i b = _mm256_shuffle_epi8(pixels, second);
      const RgbWeights& weights = groups[g];
      high = _mm256_add_epi32(
          high,
          _mm256_add_epi32(_mm256_madd_epi16(a, _mm256_broadcastsi128_si256(weights.high[0])),
                           _mm256_madd_epi16(b, _mm256_broadcastsi128_si256(weights.high[1]))));
      low = _mm256_add_epi32(
          low, _mm256_add_epi32(_mm256_madd_epi16(a, _mm256_broadcastsi128_si256(weights.low[0])),
                                _mm256_madd_epi16(b, _mm256_broadcastsi128_si256(weights.low[1]))));
    }
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
    const __m256i words =
        _mm256_packs_epi32(_mm256_srai_epi32(sum, kWeightBits), _mm256_setzero_si256());
    const __m256i bytes = _mm256_packus_epi16(words, words);
    const int upper = _mm256_extract_epi32(bytes, 0), lower = _mm256_extract_epi32(bytes, 4);
    std::memcpy(out, &upper, 3);  // the next byte is the lower row's first
    std::memcpy(out + out_stride, &lower, 4);
  }
}

}  // namespace avx2

namespace {

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

#endif

void sum_rgb_across(const Image& image, int first_row, const Taps& taps, Image& out) {
  const std::size_t from_row = std::size_t(image.width) * 3, to_row = std::size_t(out.width) * 3;
  std::vector<std::size_t> begin;
  const std::vector<RgbWeights> groups = rgb_weights(taps, begin);
  const auto height = std::size_t(out.height);
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t at = (std::size_t(first_row) + y) * from_row;
    const std::uint8_t* from = image.pixels.data() + at;
    std::uint8_t* to = out.pixels.data() + y * to_row;
#if defined(TAILOR_X86_TARGETS)
    // The second row's last byte falls into a third, which is made later.
    if (y + 2 < height && at + 2 * from_row + kBeyond <= image.pixels.size() && has_avx2()) {
      avx2::sum_two_rgb_rows(from, from_row, taps, groups, begin, to, to_row);
      ++y;
      continue;
    }
#endif
    if (y + 1 < height && at + from_row + kBeyond <= image.pixels.size()) {
      sum_rgb_row(from, taps, groups, begin, to);
    } else {
      sum_row(from, 3, taps, to);
    }
  }
}

#endif

// Of one row: the sums of `rows` rows of `size` bytes, `stride` apart.
TAILOR_CLONES void sum_rows(const std::uint8_t* rows, std::size_t stride, const int* weights,
                            int count, std::size_t size, int* sums, std::uint8_t* out) {
  for (std::size_t i = 0; i < size; ++i) sums[i] = kHalf;
  for (int k = 0; k < count; ++k) {
    const std::uint8_t* row = rows + std::size_t(k) * stride;
    const int weight = weights[k];
    for (std::size_t i = 0; i < size; ++i) sums[i] += weight * row[i];
  }
  for (std::size_t i = 0; i < size; ++i) {
    const int value = sums[i] >> kWeightBits;
    out[i] = std::uint8_t(value < 0 ? 0 : (value > 255 ? 255 : value));
  }
}

}  // namespace

void sum_across(const Image& image, int first_row, const Taps& taps, Image& out) {
  const auto channels = std::size_t(image.channels);
  out.pixels.resize(std::size_t(out.height) * std::size_t(out.width) * channels);
#if defined(__SSE4_1__)
  if (image.channels == 3) return sum_rgb_across(image, first_row, taps, out);
#endif
  for (std::size_t y = 0; y < std::size_t(out.height); ++y) {
    const std::size_t row = std::size_t(first_row) + y;
    sum_row(&image.pixels[row * std::size_t(image.width) * channels], image.channels, taps,
            &out.pixels[y * std::size_t(out.width) * channels]);
  }
}

void sum_down(const Image& image, const Taps& taps, Image& out) {
  const std::size_t row = std::size_t(image.width) * std::size_t(image.channels);
  out.pixels.resize(std::size_t(out.height) * row);
  std::vector<int> sums(row);
  for (std::size_t y = 0; y < std::size_t(out.height); ++y) {
    const int begin = taps.begin[y];
    sum_rows(&image.pixels[std::size_t(taps.first[y]) * row], row, taps.weights.data() + begin,
             taps.begin[y + 1] - begin, row, sums.data(), &out.pixels[y * row]);
  }
}

}  // namespace tailor::internal
