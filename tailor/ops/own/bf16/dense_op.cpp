#include <algorithm>

#include "tailor/ops/kernels.hpp"
#include "tailor/ops/own/bf16/dense.hpp"
#include "tailor/ops/own/bf16/ops.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal::bf16 {
namespace {

class Dense : public Op {
 public:
  Dense(const DenseConfig& config, const OpContext& c)
      : config_(config),
        engine_(c.engine),
        src_(c.src),
        dst_(c.dst),
        shape_{c.src.batch, c.src.shape.channels, config.units, int(c.src.plane())},
        ahead_(weight_bytes()),
        bias_(shape_.outputs() * sizeof(float)) {
    if (!c.training) return;
    if (src_.has_diff()) back_ = Buffer(weight_bytes());
    diff_bias_ = Buffer(bias_.bytes());
    turned_ = Buffer::unplaced(shape_.outputs() * std::size_t(dense_turned_stride(shape_)) * 4);
  }

  bool has_weights() const override { return true; }

  void load(const ParamSpans& p) override {
    if (config_.bias) std::copy(p.bias.begin(), p.bias.end(), bias_.floats().begin());
    Bf16* back = back_.bytes() == 0 ? nullptr : simd::values<Bf16>(back_);
    shares(dense_pack_shares(shape_), [&](int share, int thread) {
      dense_pack(shape_, p.kernel.data(), share, simd::values<Bf16>(ahead_), back, scratch(thread));
    });
  }

  void forward(const StepContext&) override {
    DenseForwardArgs args;
    args.src = simd::values<Bf16>(src_.data);
    args.ahead = simd::values<Bf16>(ahead_);
    args.bias = config_.bias ? bias_.floats().data() : nullptr;
    args.relu = config_.relu;
    if (dst_.precision == Precision::kF32) {
      args.wide_dst = simd::values<float>(dst_.data);
    } else {
      args.dst = simd::values<Bf16>(dst_.data);
    }
    const int tiles = dense_forward_tiles(shape_);
    share_out(engine_, work(), tiles, 0,
              [&](int first, int last, int) { dense_forward(shape_, args, first, last); });
  }

  void prepare_backward() override {
    if (config_.relu) mask_rectified(engine_, dst_, dst_);
  }

  void backward_data() override {
    const int panels = shape_.in_blocks() * shape_.panels();
    share_out(engine_, work(), panels, 0, [&](int first, int last, int) {
      dense_backward_data(shape_, diff(), simd::values<Bf16>(back_), simd::values<Bf16>(src_.diff),
                          first, last);
    });
  }

  void backward_weights(const GradientSpans& g) override {
    auto* turned = static_cast<std::uint32_t*>(turned_.data());
    shares(shape_.out_blocks(), [&](int block, int) {
      dense_turn(shape_, diff(), block, block + 1, turned, diff_bias_.floats().data());
    });
    shares(dense_gradient_shares(shape_), [&](int share, int thread) {
      dense_gradient(shape_, simd::values<Bf16>(src_.data), turned, share, g.kernel.data(),
                     scratch(thread));
    });
    std::copy_n(diff_bias_.floats().begin(), g.bias.size(), g.bias.begin());
  }

  std::string implementation(const std::string& phase) const override {
    if (phase == "load" || phase == "forward" || phase.starts_with("backward")) return "dense bf16";
    return Op::implementation(phase);
  }
  BufferUses uses() override {
    BufferUses uses{{&src_.data, &dst_.data}, {&src_.data, &src_.diff, &dst_.diff, &turned_}};
    if (config_.relu) uses.backward.push_back(&dst_.data);
    return uses;
  }
  std::size_t memory_bytes() const override {
    return ahead_.bytes() + back_.bytes() + bias_.bytes() + diff_bias_.bytes();
  }
  std::size_t scratch_bytes() const override {
    return std::size_t(engine_.threads()) * thread_scratch();
  }
  void bind(void* scratch) override { scratch_ = static_cast<char*>(scratch); }

 private:
  std::size_t weight_bytes() const { return shape_.inputs() * shape_.outputs() * sizeof(Bf16); }
  std::size_t thread_scratch() const {
    const std::size_t bytes =
        std::max(dense_pack_scratch_bytes(shape_),
                 turned_.bytes() > 0 ? dense_gradient_scratch_bytes(shape_) : 0);
    return (bytes + 63) / 64 * 64;
  }
  void* scratch(int thread) { return scratch_ + std::size_t(thread) * thread_scratch(); }
  const Bf16* diff() { return simd::values<Bf16>(dst_.diff); }

  // A few images cost what it takes to read the weights.
  double work() const {
    return microseconds_of(double(shape_.inputs() * shape_.outputs()) * std::max(shape_.batch, 4));
  }

  // body(share, thread) for every share.
  template <typename Body>
  void shares(int count, Body body) {
    share_out(engine_, work(), count, 0, [&](int first, int last, int t) {
      for (int i = first; i < last; ++i) body(i, t);
    });
  }

  DenseConfig config_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  DenseShape shape_;
  Buffer ahead_;
  Buffer back_;
  Buffer bias_;  // padded with zeros, as all channels are
  Buffer diff_bias_;
  Buffer turned_;
  char* scratch_ = nullptr;
};

}  // namespace

std::unique_ptr<Op> make_dense(const DenseConfig& config, const OpContext& c) {
  if (c.src.precision != Precision::kBf16 || c.src.layout != Layout::kBlocked || !available()) {
    return nullptr;
  }
  return std::make_unique<Dense>(config, c);
}

}  // namespace tailor::internal::bf16
