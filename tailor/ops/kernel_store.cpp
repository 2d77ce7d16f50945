#include "tailor/ops/kernel_store.hpp"

#include <algorithm>
#include <numeric>

#include "tailor/ops/simd.hpp"

namespace tailor {

using onednn::Desc;

KernelStore::KernelStore(Engine& engine, const Desc& desc, const onednn::KernelShape& shape)
    : desc_(desc), packed_(desc.get_size()), offsets_(onednn::blocked_offsets(desc, shape)) {
  if (offsets_.empty()) write_through_reorder(engine, shape);
  order_.resize(offsets_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::sort(order_, {}, [&](std::int32_t i) { return offsets_[std::size_t(i)]; });
  dense_ = offsets_[std::size_t(order_.back())] + 1 == std::int32_t(order_.size());
}

void KernelStore::write_through_reorder(Engine& engine, const onednn::KernelShape& shape) {
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

// In the order of `to`'s addresses: scattered reads overlap, scattered writes would wait for each
// other's cache lines. Without padding the write address is the counter, and the loop becomes a
// vector gather (twice as fast again).
template <typename T>
void write_ordered(std::span<const float> from, std::span<const std::int32_t> order,
                   const std::int32_t* offsets, bool dense, int threads, T* to) {
  const auto size = std::ptrdiff_t(order.size());
  const float* values = from.data();
  const std::int32_t* source = order.data();
  if (dense) {
#pragma omp parallel for simd num_threads(threads) schedule(static) if (threads > 1)
    for (std::ptrdiff_t i = 0; i < size; ++i) simd::from_float(values[source[i]], to[i]);
  } else {
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      simd::from_float(values[source[i]], to[offsets[source[i]]]);
    }
  }
}

// Below this a second thread costs more to wake than it saves.
int threads_for(const Engine& engine, std::size_t size) {
  return size > 16384 ? engine.threads() : 1;
}

}  // namespace

void KernelStore::pack(Engine& engine, std::span<const float> logical) {
  const int threads = threads_for(engine, logical.size());
  if (!reorder_ && onednn::is_bf16(desc_)) {
    write_ordered(logical, order_, offsets_.data(), dense_, threads,
                  simd::values<simd::Bf16>(packed_));
    return;
  }
  write_ordered(logical, order_, offsets_.data(), dense_, threads,
                simd::values<float>(reorder_ ? plain_ : packed_));
  if (reorder_) reorder_.run(engine);
}

void KernelStore::unpack(Engine& engine, std::span<float> logical) const {
  const auto size = std::ptrdiff_t(logical.size());
  const int threads = threads_for(engine, logical.size());
  const std::int32_t* offsets = offsets_.data();
  const float* in = simd::values<float>(packed_);
  float* out = logical.data();
#pragma omp parallel for simd num_threads(threads) schedule(static) if (threads > 1)
  for (std::ptrdiff_t i = 0; i < size; ++i) out[i] = in[offsets[i]];
}

}  // namespace tailor
