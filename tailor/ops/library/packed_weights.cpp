#include "tailor/ops/library/packed_weights.hpp"

#include <algorithm>
#include <numeric>

#include "tailor/ops/own/target_code.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal {

using onednn::Desc;

PackedWeights::PackedWeights(Engine& engine, const Desc& desc, const onednn::KernelShape& shape,
                             int copies)
    : desc_(desc),
      copies_(copies),
      packed_(desc.get_size() * std::size_t(copies)),
      offsets_(onednn::blocked_offsets(desc, shape)) {
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

constexpr std::size_t kPiece = 4096;

// body(first, last) over the logical values. One thread moves a thousand in a microsecond (401,408
// in 0.41 ms on Zen 4).
template <typename Body>
void over_values(Engine& engine, std::size_t count, Body body) {
  const int pieces = int((count + kPiece - 1) / kPiece);
  share_out(engine, double(count) / 1000, pieces, 0, [&](int first, int last, int) {
    body(std::ptrdiff_t(std::size_t(first) * kPiece),
         std::ptrdiff_t(std::min(std::size_t(last) * kPiece, count)));
  });
}

}  // namespace

void PackedWeights::pack(Engine& engine, std::span<const float> logical) {
  const bool bf16 = !reorder_ && onednn::is_bf16(desc_);
  void* to = reorder_ ? plain_.data() : packed_.data();
  const WeightOrder order{order_.data(), offsets_.data(), dense_};
  over_values(engine, logical.size(), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    code_for(engine.target())
        .write_ordered(order, logical.data(), bf16 ? Precision::kBf16 : Precision::kF32, to, first,
                       last);
  });
  if (reorder_) reorder_.run(engine);
}

void PackedWeights::unpack(Engine& engine, std::span<float> logical) const {
  const WeightSums sums{offsets_.data(), simd::values<float>(packed_),
                        desc_.get_size() / sizeof(float), copies_};
  over_values(engine, logical.size(), [&](std::ptrdiff_t first, std::ptrdiff_t last) {
    code_for(engine.target()).read_ordered(sums, logical.data(), first, last);
  });
}

}  // namespace tailor::internal
