#include "tailor/ops/library/onednn.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <optional>
#include <string_view>

#include "tailor/core/error.hpp"

namespace tailor::internal::onednn {

Type type_of(Precision precision) {
  return precision == Precision::kF32 ? Type::f32 : Type::bf16;
}

#if DNNL_VERSION_MAJOR >= 3
bool is_bf16(const Desc& desc) {
  return desc.get_data_type() == Type::bf16;
}
Dims dims_of(const Desc& desc) {
  return desc.get_dims();
}
#else
bool is_bf16(const Desc& desc) {
  return desc.data_type() == Type::bf16;
}
Dims dims_of(const Desc& desc) {
  return desc.dims();
}
#endif

Desc tensor_desc(const Tensor& t, int images, Precision precision) {
  const Type type = type_of(precision);
  if (t.layout == Layout::kBlocked && t.plane() == 1) {
    return Desc({images, t.channels}, type, Tag::nc);
  }
  const Tag tag = t.layout == Layout::kPlain ? Tag::nchw
                  : t.lanes == 16            ? Tag::nChw16c
                                             : Tag::nChw8c;
  return Desc({images, t.channels, t.shape.height, t.shape.width}, type, tag);
}

void Bound::bind(int argument, const Desc& desc, const dnnl::engine& engine, void* data) {
  memories_.emplace_back(desc, engine, data);
  arguments_.push_back({argument, memories_.back().get()});
}

void Bound::bind_later(int argument, const Desc& desc, const dnnl::engine& engine, Buffer& buffer,
                       ImagePart part) {
  later_.push_back({memories_.size(), &buffer, part});
  bind(argument, desc, engine, nullptr);
}

void Bound::bind_scratch(const Desc& desc, const dnnl::engine& engine) {
  scratch_bytes_ = desc.get_size();
  if (scratch_bytes_ == 0) return;
  bind(DNNL_ARG_SCRATCHPAD, desc, engine, nullptr);
  scratch_ = memories_.back();
}

void Bound::place() {
  for (const Later& l : later_) {
    const std::size_t offset = l.buffer->bytes() / std::size_t(l.part.parts) * l.part.index;
    memories_[l.memory].set_data_handle(static_cast<char*>(l.buffer->data()) + offset);
  }
}

void Bound::run(Engine& engine, void* scratch) {
  const LibraryCall counted_apart;
  if (scratch_bytes_ > 0) scratch_.set_data_handle(scratch);
  const dnnl_status_t status = dnnl_primitive_execute(
      primitive_.get(), engine.library().stream.get(), int(arguments_.size()), arguments_.data());
  if (status == dnnl_out_of_memory) throw std::bad_alloc();
  if (status != dnnl_success) {
    throw failure("the convolution library failed to execute " + implementation_);
  }
}

namespace {

bool has_memory() {
  constexpr std::size_t kOfAnyDescription = std::size_t(1) << 20;
  void* memory = std::malloc(kOfAnyDescription);
  std::free(memory);
  return memory != nullptr;
}

// What make() gives, and gives again.
template <typename Make>
auto agreed(Make make) {
  std::optional<decltype(make())> answers[2];
  for (auto& answer : answers) {
    try {
      answer = make();
    } catch (const dnnl::error& error) {
      expect_no_kernel(error);
    }
  }
  const auto name = [](const auto& answer) -> std::string {
    return answer ? answer->impl_info_str() : "";
  };
  if (name(answers[0]) != name(answers[1])) throw std::bad_alloc();
  if (!answers[0]) throw dnnl::error(dnnl_unimplemented, "it has none");
  return *std::move(answers[0]);
}

}  // namespace

void expect_no_kernel(const dnnl::error& error) {
  const bool none = error.status == dnnl_unimplemented || error.status == dnnl_invalid_arguments;
  if (error.status == dnnl_out_of_memory || (none && !has_memory())) throw std::bad_alloc();
  if (!none) throw failure(std::string("the convolution library failed: ") + error.what());
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

dnnl::primitive_attr scaled_attributes(const Desc& factors) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops ops;
  ops.append_binary(dnnl::algorithm::binary_mul, factors);
  attr.set_post_ops(ops);
  return attr;
}

// How to ask for each, without the second time.
namespace ask {
namespace {

#if DNNL_VERSION_MAJOR >= 3

dnnl::pooling_forward::primitive_desc max_pool_forward(const dnnl::engine& engine,
                                                       const PoolDescs& d) {
  const Dims no_dilation(d.window.size(), 0);
  return {engine,
          dnnl::prop_kind::forward_inference,
          dnnl::algorithm::pooling_max,
          d.src,
          d.dst,
          d.strides,
          d.window,
          no_dilation,
          d.pad_before,
          d.pad_after,
          attributes()};
}

dnnl::convolution_forward::primitive_desc conv_forward(const dnnl::engine& engine,
                                                       dnnl::prop_kind kind, const ConvDescs& d,
                                                       const dnnl::primitive_attr& attr) {
  return {engine, kind,      d.algorithm,  d.src,       d.weights, d.bias,
          d.dst,  d.strides, d.pad_before, d.pad_after, attr};
}

dnnl::convolution_backward_data::primitive_desc conv_backward_data(
    const dnnl::engine& engine, const ConvDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::convolution_forward::primitive_desc& hint) {
  return {engine,    d.algorithm,  d.src,       d.weights, d.dst,
          d.strides, d.pad_before, d.pad_after, hint,      attr};
}

dnnl::convolution_backward_weights::primitive_desc conv_backward_weights(
    const dnnl::engine& engine, const ConvDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::convolution_forward::primitive_desc& hint) {
  return {engine,    d.algorithm,  d.src,       d.weights, d.bias, d.dst,
          d.strides, d.pad_before, d.pad_after, hint,      attr};
}

dnnl::inner_product_forward::primitive_desc dense_forward(const dnnl::engine& engine,
                                                          dnnl::prop_kind kind, const DenseDescs& d,
                                                          const dnnl::primitive_attr& attr) {
  return {engine, kind, d.src, d.weights, d.bias, d.dst, attr};
}

dnnl::inner_product_backward_data::primitive_desc dense_backward_data(
    const dnnl::engine& engine, const DenseDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return {engine, d.src, d.weights, d.dst, hint, attr};
}

dnnl::inner_product_backward_weights::primitive_desc dense_backward_weights(
    const dnnl::engine& engine, const DenseDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return {engine, d.src, d.weights, d.bias, d.dst, hint, attr};
}

#else

dnnl::pooling_forward::primitive_desc max_pool_forward(const dnnl::engine& engine,
                                                       const PoolDescs& d) {
  return {{dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, d.src, d.dst,
           d.strides, d.window, d.pad_before, d.pad_after},
          attributes(),
          engine};
}

dnnl::convolution_forward::primitive_desc conv_forward(const dnnl::engine& engine,
                                                       dnnl::prop_kind kind, const ConvDescs& d,
                                                       const dnnl::primitive_attr& attr) {
  return {
      {kind, d.algorithm, d.src, d.weights, d.bias, d.dst, d.strides, d.pad_before, d.pad_after},
      attr,
      engine};
}

dnnl::convolution_backward_data::primitive_desc conv_backward_data(
    const dnnl::engine& engine, const ConvDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::convolution_forward::primitive_desc& hint) {
  return {{d.algorithm, d.src, d.weights, d.dst, d.strides, d.pad_before, d.pad_after},
          attr,
          engine,
          hint};
}

dnnl::convolution_backward_weights::primitive_desc conv_backward_weights(
    const dnnl::engine& engine, const ConvDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::convolution_forward::primitive_desc& hint) {
  return {{d.algorithm, d.src, d.weights, d.bias, d.dst, d.strides, d.pad_before, d.pad_after},
          attr,
          engine,
          hint};
}

dnnl::inner_product_forward::primitive_desc dense_forward(const dnnl::engine& engine,
                                                          dnnl::prop_kind kind, const DenseDescs& d,
                                                          const dnnl::primitive_attr& attr) {
  return {{kind, d.src, d.weights, d.bias, d.dst}, attr, engine};
}

dnnl::inner_product_backward_data::primitive_desc dense_backward_data(
    const dnnl::engine& engine, const DenseDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return {{d.src, d.weights, d.dst}, attr, engine, hint};
}

dnnl::inner_product_backward_weights::primitive_desc dense_backward_weights(
    const dnnl::engine& engine, const DenseDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return {{d.src, d.weights, d.bias, d.dst}, attr, engine, hint};
}

#endif

}  // namespace
}  // namespace ask

dnnl::pooling_forward::primitive_desc max_pool_forward(const dnnl::engine& engine,
                                                       const PoolDescs& d) {
  return agreed([&] { return ask::max_pool_forward(engine, d); });
}

dnnl::convolution_forward::primitive_desc conv_forward(const dnnl::engine& engine,
                                                       dnnl::prop_kind kind, const ConvDescs& d,
                                                       const dnnl::primitive_attr& attr) {
  return agreed([&] { return ask::conv_forward(engine, kind, d, attr); });
}

dnnl::convolution_backward_data::primitive_desc conv_backward_data(
    const dnnl::engine& engine, const ConvDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::convolution_forward::primitive_desc& hint) {
  return agreed([&] { return ask::conv_backward_data(engine, d, attr, hint); });
}

namespace {

// In 2.6.3, the weights' gradient for AVX-512 writes beyond its memory where a window is so high
// that rows of zeros alone can fill it from one side: 22 x 1 on 12 rows did, 21 x 1 did not. What
// is that high in nets of use stands on maps of a few rows (3 x 3 on 2 x 2), where it is right.
bool overruns(const ConvDescs& d) {
  constexpr std::int64_t kMostSafe = 2;
  const std::int64_t zeros = std::max(d.pad_before[0], d.pad_after[0]);
  return zeros > kMostSafe && zeros >= dims_of(d.src)[2] - 1;
}

}  // namespace

dnnl::convolution_backward_weights::primitive_desc conv_backward_weights(
    const dnnl::engine& engine, const ConvDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::convolution_forward::primitive_desc& hint) {
  return agreed([&] {
    auto found = ask::conv_backward_weights(engine, d, attr, hint);
    while (overruns(d) && std::string_view(found.impl_info_str()).starts_with("jit")) {
      if (!found.next_impl()) throw dnnl::error(dnnl_unimplemented, "it has none");
    }
    return found;
  });
}

dnnl::inner_product_forward::primitive_desc dense_forward(const dnnl::engine& engine,
                                                          dnnl::prop_kind kind, const DenseDescs& d,
                                                          const dnnl::primitive_attr& attr) {
  return agreed([&] { return ask::dense_forward(engine, kind, d, attr); });
}

dnnl::inner_product_backward_data::primitive_desc dense_backward_data(
    const dnnl::engine& engine, const DenseDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return agreed([&] { return ask::dense_backward_data(engine, d, attr, hint); });
}

dnnl::inner_product_backward_weights::primitive_desc dense_backward_weights(
    const dnnl::engine& engine, const DenseDescs& d, const dnnl::primitive_attr& attr,
    const dnnl::inner_product_forward::primitive_desc& hint) {
  return agreed([&] { return ask::dense_backward_weights(engine, d, attr, hint); });
}

namespace {

// A blocked layout: outer strides per dimension and inner blocks from the outermost to the
// innermost.
struct Blocking {
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> block_sizes;
  std::vector<std::int64_t> block_dims;
};

bool read_blocking(const Desc& desc, int dims, Blocking& out) {
#if DNNL_VERSION_MAJOR >= 3
  if (desc.get_format_kind() != dnnl::memory::format_kind::blocked) return false;
  out = {desc.get_strides(), desc.get_inner_blks(), desc.get_inner_idxs()};
#else
  if (desc.data.format_kind != dnnl_blocked) return false;
  const auto& b = desc.data.format_desc.blocking;
  out.strides.assign(b.strides, b.strides + dims);
  out.block_sizes.assign(b.inner_blks, b.inner_blks + b.inner_nblks);
  out.block_dims.assign(b.inner_idxs, b.inner_idxs + b.inner_nblks);
#endif
  return int(out.strides.size()) == dims;
}

std::int64_t blocked_offset(const Blocking& b, std::array<std::int64_t, 4> index) {
  std::int64_t offset = 0;
  std::int64_t stride = 1;  // the innermost block is contiguous
  for (int k = int(b.block_sizes.size()) - 1; k >= 0; --k) {
    std::int64_t& i = index[std::size_t(b.block_dims[std::size_t(k)])];
    offset += i % b.block_sizes[std::size_t(k)] * stride;
    i /= b.block_sizes[std::size_t(k)];
    stride *= b.block_sizes[std::size_t(k)];
  }
  for (std::size_t d = 0; d < b.strides.size(); ++d) offset += index[d] * b.strides[d];
  return offset;
}

}  // namespace

std::vector<std::int32_t> blocked_offsets(const Desc& desc, const KernelShape& shape) {
  Blocking blocking;
  if (!read_blocking(desc, int(dims_of(desc).size()), blocking)) return {};
  std::vector<std::int32_t> offsets;
  offsets.reserve(shape.size());
  for (std::int64_t o = 0; o < shape.out; ++o)
    for (std::int64_t i = 0; i < shape.in; ++i)
      for (std::int64_t y = 0; y < shape.height; ++y)
        for (std::int64_t x = 0; x < shape.width; ++x)
          offsets.push_back(std::int32_t(blocked_offset(blocking, {o, i, y, x})));
  return offsets;
}

}  // namespace tailor::internal::onednn
