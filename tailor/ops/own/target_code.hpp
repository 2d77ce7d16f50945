// What every target's compilation of our kernels offers (core/target/begin.hpp). Only makers.cpp
// chooses among them.
#pragma once

#include <memory>
#include <span>

#include "tailor/ops/op.hpp"
#include "tailor/ops/own/ordered_weights.hpp"

namespace tailor::internal {

struct TargetCode {
  std::unique_ptr<Op> (*make_op)(const OpConfig&, const OpContext&);
  std::unique_ptr<Op> (*make_dense)(const DenseConfig&, const OpContext&);         // f32
  std::unique_ptr<Op> (*make_first_conv)(const ConvConfig&, const OpContext&);     // f32
  std::unique_ptr<Op> (*make_winograd_conv)(const ConvConfig&, const OpContext&);  // f32
  std::unique_ptr<Op> (*make_direct_conv)(const ConvConfig&, const OpContext&);
  void (*read_images)(Engine&, std::span<const std::uint8_t* const>, double scale, double offset,
                      Tensor& dst, ImageRange);
  void (*rectify)(Engine&, Tensor& values, ImageRange);
  void (*mask_rectified)(Engine&, const Tensor& value, Tensor& diff_of, ImageRange);
  void (*add)(Engine&, const Tensor& a, const Tensor& b, Tensor& dst, ImageRange);
  void (*add_diff)(Engine&, const Tensor& from, Tensor& into, ImageRange);
  // Values first..last-1.
  void (*write_ordered)(const WeightOrder&, const float* from, Precision, void* to,
                        std::ptrdiff_t first, std::ptrdiff_t last);
  void (*read_ordered)(const WeightSums&, float* to, std::ptrdiff_t first, std::ptrdiff_t last);
  double (*f32_flop)();   // some milliseconds of multiply-adds in registers; returns their FLOP
  double (*bf16_flop)();  // the same with bf16 dot products; 0 where the target has none
};

const TargetCode& code_for(Target target);

}  // namespace tailor::internal
