// The convolution library, seen by ops/ alone. Hides what changed between oneDNN 2.x and 3.x:
// descriptors became arguments.
#pragma once

#include <dnnl.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tailor/core/memory/allocations.hpp"
#include "tailor/ops/op.hpp"

namespace tailor::internal {

struct Engine::Library {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

namespace onednn {

using Dims = dnnl::memory::dims;
using Desc = dnnl::memory::desc;
using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

Type type_of(Precision precision);
bool is_bf16(const Desc& desc);
Dims dims_of(const Desc& desc);

// The descriptor of a tensor's data or gradient as it lies in memory, or of so many of its images;
// four-dimensional, or {images, channels} for 1 x 1 maps.
Desc tensor_desc(const Tensor& tensor, int images, Precision precision);

// One of the equal parts that the images of a batch are taken in.
struct ImagePart {
  int index = 0;
  int parts = 1;
};

// A primitive with its arguments bound; run() only executes, on the calling thread. The C call is
// used because the C++ one builds a vector each time.
class Bound {
 public:
  Bound() = default;
  Bound(dnnl::primitive primitive, std::string implementation)
      : primitive_(std::move(primitive)), implementation_(std::move(implementation)) {}
  void bind(int argument, const Desc& desc, const dnnl::engine& engine, void* data);
  // Of buffers that may be unplaced: the memory comes with place(). `part`: only that of it.
  void bind_later(int argument, const Desc& desc, const dnnl::engine& engine, Buffer& buffer,
                  ImagePart part = {});
  void bind_scratch(const Desc& desc, const dnnl::engine& engine);
  void place();
  std::size_t scratch_bytes() const { return scratch_bytes_; }
  // `scratch`: scratch_bytes() that nobody else uses meanwhile.
  void run(Engine& engine, void* scratch = nullptr);
  const std::string& implementation() const { return implementation_; }
  explicit operator bool() const { return bool(primitive_); }

 private:
  dnnl::primitive primitive_;
  std::string implementation_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
  struct Later {
    std::size_t memory;
    Buffer* buffer;
    ImagePart part;
  };
  std::vector<Later> later_;
  dnnl::memory scratch_;
  std::size_t scratch_bytes_ = 0;
};

// Throws for what the library says unless that is that it has no such kernel: bad_alloc where it
// lacks memory, failure for the rest, which passes. What it makes of a shortage while it looks for
// a kernel is "unimplemented", too: so where there is no memory either, that is what is meant.
void expect_no_kernel(const dnnl::error& error);

// Each of these asks twice: where the library lacks memory for a moment it takes the next best
// kernel, which gives other numbers. Throws bad_alloc where the answers differ.
struct ConvDescs {
  Desc src, weights, bias, dst;  // bias has no dimensions where there is none
  Dims strides, pad_before, pad_after;
  dnnl::algorithm algorithm = dnnl::algorithm::convolution_direct;
};
dnnl::convolution_forward::primitive_desc conv_forward(const dnnl::engine& engine,
                                                       dnnl::prop_kind kind, const ConvDescs& descs,
                                                       const dnnl::primitive_attr& attributes);
dnnl::convolution_backward_data::primitive_desc conv_backward_data(
    const dnnl::engine& engine, const ConvDescs& descs, const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& hint);
dnnl::convolution_backward_weights::primitive_desc conv_backward_weights(
    const dnnl::engine& engine, const ConvDescs& descs, const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& hint);

struct DenseDescs {
  Desc src, weights, bias, dst;
};
dnnl::inner_product_forward::primitive_desc dense_forward(const dnnl::engine& engine,
                                                          dnnl::prop_kind kind,
                                                          const DenseDescs& descs,
                                                          const dnnl::primitive_attr& attributes);
dnnl::inner_product_backward_data::primitive_desc dense_backward_data(
    const dnnl::engine& engine, const DenseDescs& descs, const dnnl::primitive_attr& attributes,
    const dnnl::inner_product_forward::primitive_desc& hint);
dnnl::inner_product_backward_weights::primitive_desc dense_backward_weights(
    const dnnl::engine& engine, const DenseDescs& descs, const dnnl::primitive_attr& attributes,
    const dnnl::inner_product_forward::primitive_desc& hint);

// Scratch memory is ours and shared by a plan's operations.
dnnl::primitive_attr attributes();

struct KernelShape {  // logical sizes of a kernel; 1 x 1 for a dense one on flat input
  int out = 1, in = 1, height = 1, width = 1;
  std::size_t size() const { return std::size_t(out) * in * height * width; }
};

// Each channel of the result times a factor, an argument of its own:
// DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, described by `factors` ({1, channels, 1, 1}).
dnnl::primitive_attr scaled_attributes(const Desc& factors);

struct PoolDescs {
  Desc src, dst;
  Dims strides, window, pad_before, pad_after;
};
dnnl::pooling_forward::primitive_desc max_pool_forward(const dnnl::engine& engine,
                                                       const PoolDescs& descs);

// Where every logical weight lies in a blocked layout: offsets in values, in logical order
// [out][in][row][column]. Empty for layouts the library keeps to itself (Winograd), which only its
// own reorder can fill.
std::vector<std::int32_t> blocked_offsets(const Desc& desc, const KernelShape& shape);

}  // namespace onednn
}  // namespace tailor::internal
