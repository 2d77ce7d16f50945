#include "tailor/ops/kernel_store.hpp"

#include "tailor/core/error.hpp"
#include "tailor/ops/simd.hpp"

namespace tailor {

using onednn::Desc;

KernelStore::KernelStore(Engine& engine, const Desc& desc, const onednn::KernelShape& shape)
    : desc_(desc), offsets_(onednn::blocked_offsets(desc, shape)), packed_(desc.get_size()) {
  if (!offsets_.empty()) return;
  const Desc plain(onednn::dims_of(desc), onednn::Type::f32, onednn::Tag::oihw);
  offsets_ = onednn::blocked_offsets(plain, shape);
  plain_ = Buffer(plain.get_size());
  const auto& library = engine.library().engine;
  const dnnl::reorder::primitive_desc pd(library, plain, library, desc);
  reorder_ = onednn::Bound(dnnl::reorder(pd), pd.impl_info_str());
  reorder_.bind(DNNL_ARG_FROM, plain, library, plain_.data());
  reorder_.bind(DNNL_ARG_TO, desc, library, packed_.data());
}

void KernelStore::pack(Engine& engine, std::span<const float> logical) {
  const auto size = std::ptrdiff_t(logical.size());
  const int threads = size > 16384 ? engine.threads() : 1;
  const std::uint32_t* offsets = offsets_.data();
  if (!reorder_ && onednn::is_bf16(desc_)) {
    auto* out = simd::values<simd::Bf16>(packed_);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (std::ptrdiff_t i = 0; i < size; ++i)
      simd::from_float(logical[std::size_t(i)], out[offsets[i]]);
    return;
  }
  float* out = simd::values<float>(reorder_ ? plain_ : packed_);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
  for (std::ptrdiff_t i = 0; i < size; ++i) out[offsets[i]] = logical[std::size_t(i)];
  if (reorder_) reorder_.run(engine);
}

void KernelStore::unpack(Engine& engine, std::span<float> logical) const {
  const auto size = std::ptrdiff_t(logical.size());
  const int threads = size > 16384 ? engine.threads() : 1;
  const std::uint32_t* offsets = offsets_.data();
  const float* in = simd::values<float>(packed_);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
  for (std::ptrdiff_t i = 0; i < size; ++i) logical[std::size_t(i)] = in[offsets[i]];
}

}  // namespace tailor
