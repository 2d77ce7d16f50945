#include "tailor/ops/library/packed_weights.hpp"

#include <algorithm>
#include <numeric>

#include "tailor/ops/own/target_code.hpp"
#include "tailor/ops/own/values.hpp"

namespace tailor::internal {

using onednn::Desc;

PackedWeights::PackedWeights(Engine& engine, const Desc& desc, const onednn::KernelShape& shape)
    : desc_(desc), packed_(desc.get_size()), offsets_(onednn::blocked_offsets(desc, shape)) {
  if (offsets_.empty()) write_through_reorder(engine, shape);
  order_.resize(offsets_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::sort(order_, {}, [&](std::int32_t i) { return offsets_[std::size_t(i)]; });
  dense_ = offsets_[std::size_t(order_.back())] + 1 == std::int32_t(order_.size());
}

void PackedWeights::write_through_reorder(Engine& engine, const onednn::KernelShape& shape) {
  const Desc plain(onednn::dims_of(desc_), onednn::Type::f32, onednn::Tag::oihw);
  offsets_ = onednn::blocked_offsets(plain, shape);
  plain_ = Buffer(plain.get_size());
  const auto& library = engine.library().engine;
  const dnnl::reorder::primitive_desc pd(library, plain, library, desc_);
  reorder_ = onednn::Bound(dnnl::reorder(pd), pd.impl_info_str());
  reorder_.bind(DNNL_ARG_FROM, plain, library, plain_.data());
  reorder_.bind(DNNL_ARG_TO, desc_, library, packed_.data());
}

namespace {

// One thread moves a thousand values in a microsecond (401,408 in 0.41 ms on Zen 4).
int threads_for(const Engine& engine, std::span<const float> logical) {
  return engine.threads_for(double(logical.size()) / 1000);
}

}  // namespace

void PackedWeights::pack(Engine& engine, std::span<const float> logical) {
  const bool bf16 = !reorder_ && onednn::is_bf16(desc_);
  code_for(engine.target())
      .write_ordered({order_, offsets_.data(), dense_}, logical.data(),
                     bf16 ? Precision::kBf16 : Precision::kF32,
                     reorder_ ? plain_.data() : packed_.data(), threads_for(engine, logical));
  if (reorder_) reorder_.run(engine);
}

void PackedWeights::unpack(Engine& engine, std::span<float> logical) const {
  code_for(engine.target())
      .read_ordered(offsets_.data(), simd::values<float>(packed_), logical,
                    threads_for(engine, logical));
}

}  // namespace tailor::internal
