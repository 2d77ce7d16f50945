// A layer's weights as the library wants them: packed from the flat f32 values every step, and
// gradients unpacked from it.
#pragma once

#include <span>
#include <vector>

#include "tailor/ops/library/onednn.hpp"

namespace tailor::internal {

class PackedWeights {
 public:
  PackedWeights() = default;
  // `desc`: the layout the library chose, channels padded; `shape`: the logical kernel; `copies`:
  // of gradients, one for each part of the batch.
  PackedWeights(Engine& engine, const onednn::Desc& desc, const onednn::KernelShape& shape,
                int copies = 1);

  void pack(Engine& engine, std::span<const float> logical);
  // The sum of all copies, in order. Only of f32 layouts that are blocked.
  void unpack(Engine& engine, std::span<float> logical) const;
  const onednn::Desc& desc() const { return desc_; }
  void* data(int copy = 0) {
    return static_cast<char*>(packed_.data()) + desc_.get_size() * std::size_t(copy);
  }
  std::size_t bytes() const {
    return packed_.bytes() + plain_.bytes() + (offsets_.size() + order_.size()) * 4;
  }

 private:
  void write_through_reorder(Engine& engine, const onednn::KernelShape& shape);

  onednn::Desc desc_;
  int copies_ = 1;
  Buffer packed_;  // padded values were zeroed once and are never written
  Buffer plain_;   // for layouts only the library can write (Winograd): padded OIHW, f32
  // Of every logical value, in packed_, or in plain_ where that exists.
  std::vector<std::int32_t> offsets_;
  std::vector<std::int32_t> order_;  // logical values, ascending by that offset
  bool dense_ = false;               // their offsets are 0, 1, 2, ...: nothing is padded
  onednn::Bound reorder_;
};

}  // namespace tailor::internal
