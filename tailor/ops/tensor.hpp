// An activation inside a plan, and its gradient. Channels are padded here and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tailor/core/memory/buffer.hpp"
#include "tailor/core/shape.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

enum class Layout {
  // [image][channel block][row][column][lane]: the library's nChw16c (nChw8c where the vector unit
  // holds 8 floats). Padded lanes
  // are zero, always. With one row and one column this is also plain [image][channel].
  kBlocked,
  // [image][channel][row][column], nothing padded: net inputs of 1 or 3 channels, for the
  // convolution that reads them.
  kPlain,
  // [image][row][column][channel]: bytes of an int8 plan. Padded channels are zero; images, which
  // come in this order, have none.
  kChannelsLast,
};

// Its buffers are unplaced when made: memory is planned once all that use it are known.
struct Tensor {
  Tensor(const Shape& logical, int images, Layout memory, Precision values, int lanes,
         bool with_diff);

  Shape shape;  // logical
  int batch;
  Layout layout;
  Precision precision;       // of data
  Precision diff_precision;  // of diff
  int lanes;                 // channel block, 1 for kPlain and images in bytes
  int channels;              // padded to a multiple of lanes
  Buffer data;
  Buffer diff;  // empty where nobody needs the gradient

  // Of int8 plans: the largest magnitude that bytes are to hold, and whether they are s8 or u8.
  float range = 0;
  bool is_signed = false;
  float scale() const { return range / (is_signed ? 127 : 255); }  // what the byte 1 stands for

  // Keeps the values in f32 whatever the gradient's precision: logits, which the loss reads.
  void widen_data();

  bool has_diff() const { return diff.bytes() > 0; }
  int blocks() const { return channels / lanes; }
  std::size_t plane() const { return std::size_t(shape.height) * shape.width; }
  std::size_t image_size() const { return plane() * channels; }  // values, padding included
  std::size_t size() const { return image_size() * batch; }
};

// One image's values of `tensor` in channel, row, column order, padding left out; `out` holds
// shape.size() of them.
void read_values(const Tensor& tensor, int image, std::span<float> out);

inline std::size_t value_bytes(Precision p) {
  if (p == Precision::kInt8) return 1;
  return p == Precision::kF32 ? 4 : 2;
}

}  // namespace tailor::internal
