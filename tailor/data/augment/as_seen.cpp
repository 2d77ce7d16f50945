#include "tailor/data/augment/as_seen.hpp"

#include <algorithm>

#include "tailor/data/augment/augmenter.hpp"

namespace tailor::internal {

Dataset as_seen(const Dataset& set, const Indices& rows, const AugmentOptions& options,
                std::uint64_t seed, int epochs) {
  const std::size_t each = set.shape.size(), columns = std::size_t(epochs) + 1;
  std::vector<std::uint8_t> pixels(rows.size() * columns * each), seen(rows.size() * each);
  std::vector<MixedLabel> mixed(rows.size());
  const auto put = [&](std::size_t line, std::size_t column, ImageBytes image) {
    std::ranges::copy(image, pixels.begin() + std::ptrdiff_t((line * columns + column) * each));
  };
  Team team(1);
  Augmenter augmenter(options, set.shape, seed, team.threads());
  for (std::size_t i = 0; i < rows.size(); ++i) put(i, 0, set.image(rows[i]));
  for (int epoch = 0; epoch < epochs; ++epoch) {
    augmenter.images(set, rows, 0, rows.size(), std::uint32_t(epoch), team, seen, mixed);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      put(i, std::size_t(epoch) + 1, std::span(seen).subspan(i * each, each));
    }
  }
  Dataset out{set.shape, std::move(pixels), {}, set.class_names, {}, {}};
  for (const std::uint32_t row : rows)
    out.labels.insert(out.labels.end(), columns, set.labels[row]);
  return out;
}

}  // namespace tailor::internal
