#include "tailor/data/augment/augmenter.hpp"

#include <algorithm>
#include <utility>

namespace tailor::internal {

Augmenter::Augmenter(const AugmentOptions& options, const Shape& shape, std::uint64_t seed,
                     int threads)
    : options_(options),
      shape_(shape),
      seed_(seed),
      fill_(fill_of(options.fill)),
      mixes_(mixes(options)),
      rooms_(std::size_t(threads)) {
  for (Room& room : rooms_) {
    room.one.resize(shape.size());
    room.two.resize(shape.size());
    if (mixes_) room.other.resize(shape.size());
  }
}

void Augmenter::image(const Dataset& set, std::uint32_t row, std::uint32_t epoch, ImageRoom out,
                      int worker) {
  const Change change = draw_change(options_, shape_, seed_, epoch, row);
  Room& room = rooms_[std::size_t(worker)];
  ImageBytes now = set.image(row);
  // Into the one of two buffers in which the image is not.
  const auto make = [&](auto&& transform) {
    std::vector<std::uint8_t>& to = now.data() == room.one.data() ? room.two : room.one;
    transform(ImageRoom(to));
    now = to;
  };
  if (!change.crop.empty()) {
    make([&](ImageRoom to) { crop_and_resize(shape_, now, change.crop, to); });
  }
  if (change.degrees != 0 || change.scale != 1) {
    make(
        [&](ImageRoom to) { turn_and_zoom(shape_, now, change.degrees, change.scale, fill_, to); });
  }
  if (change.down != 0 || change.right != 0) {
    make([&](ImageRoom to) { shift(shape_, now, change.down, change.right, fill_, to); });
  }
  if (change.mirrored) {
    mirror(shape_, now, out);
  } else {
    std::ranges::copy(now, out.begin());
  }
  if (change.brightness != 1) adjust_brightness(change.brightness, out);
  if (change.contrast != 1) adjust_contrast(shape_, change.contrast, out);
  if (change.saturation != 1) adjust_saturation(shape_, change.saturation, out);
  if (change.hue != 0) adjust_hue(shape_, change.hue, out);
  blank(shape_, change.cutout, out);
  blank(shape_, change.erased, out);
}

void Augmenter::images(const Dataset& set, std::span<const std::uint32_t> batch, std::size_t first,
                       std::size_t count, std::uint32_t epoch, Team& team, ImageRoom pixels,
                       std::span<MixedLabel> labels) {
  team.share_out_each(int(count), [&](int i, int worker) {
    const std::size_t at = first + std::size_t(i);
    const std::uint32_t row = batch[at], next = batch[(at + 1) % batch.size()];
    const ImageRoom out = pixels.subspan(std::size_t(i) * shape_.size(), shape_.size());
    image(set, row, epoch, out, worker);
    if (!mixes_) return;
    const Mixture mixture = draw_mixture(options_, shape_, seed_, epoch, row);
    labels[std::size_t(i)] = {set.labels[next], float(mixture.share)};
    if (mixture.share == 1) return;
    const ImageRoom other = rooms_[std::size_t(worker)].other;
    image(set, next, epoch, other, worker);
    if (mixture.pasted.empty()) {
      blend(mixture.share, other, out);
    } else {
      paste(shape_, mixture.pasted, other, out);
    }
  });
}

}  // namespace tailor::internal
