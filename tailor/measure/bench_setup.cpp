#include "tailor/measure/bench_setup.hpp"

#include <algorithm>

#include "tailor/core/random/rng.hpp"

namespace tailor::internal {

Dataset random_images(std::size_t least, const Shape& shape, int classes) {
  constexpr std::size_t kImages = 16384;  // more bytes than the caches hold, as real sets have
  const std::size_t count = std::max(kImages, least);
  Dataset set;
  set.shape = shape;
  for (int c = 0; c < classes; ++c) set.class_names.push_back(std::to_string(c));
  std::vector<std::uint8_t> pixels(count * set.shape.size());
  for (std::size_t i = 0; i < pixels.size(); i += 16) {
    const auto words = philox({std::uint32_t(i), std::uint32_t(i >> 32), 0, 0}, 1);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
    std::copy_n(bytes, std::min<std::size_t>(16, pixels.size() - i), pixels.data() + i);
  }
  for (std::size_t i = 0; i < count; ++i)
    set.labels.push_back(Label(pixels[i * set.shape.size()] % classes));
  set.pixels = std::move(pixels);
  return set;
}

double peak_gflops(Precision precision, int threads) {
  return peak_gflops(precision, measure_peak(threads));
}

double peak_gflops(Precision precision, const Peak& peak) {
  const bool bf16 = precision != Precision::kF32 && peak.bf16_gflops > 0;
  return bf16 ? peak.bf16_gflops : peak.f32_gflops;
}

}  // namespace tailor::internal
