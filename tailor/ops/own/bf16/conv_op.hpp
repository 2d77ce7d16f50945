// What the two convolutions of our own share: bias, ReLU, pooling and its way back.
#pragma once

#include "tailor/ops/kernels.hpp"
#include "tailor/ops/own/values.hpp"
#include "tailor/ops/threads.hpp"

namespace tailor::internal::bf16 {

using simd::Bf16;

class ConvOp : public Op {
 public:
  bool has_weights() const override { return true; }
  void prepare_backward() override {
    if (masks_) mask_rectified(engine_, dst_, dst_);
  }
  BufferUses uses() override {
    BufferUses uses{{&src_.data, &dst_.data, &winners_},
                    {&src_.data, &src_.diff, &dst_.diff, &winners_}};
    if (masks_) uses.backward.push_back(&dst_.data);
    return uses;
  }
  std::size_t memory_bytes() const override { return bias_.bytes(); }
  void bind(void* scratch) override { scratch_ = static_cast<char*>(scratch); }

 protected:
  ConvOp(const ConvConfig& config, const OpContext& c)
      : config_(config),
        engine_(c.engine),
        src_(c.src),
        dst_(c.dst),
        masks_(config.relu && !config.pools && !c.masked_by_consumer),
        bias_(std::size_t(c.dst.channels) * sizeof(float)) {
    if (c.training && config.pools) {
      winners_ = Buffer::unplaced(dst_.size() / 16 * sizeof(std::uint64_t));
    }
  }

  void load_bias(const ParamSpans& p) {
    if (config_.bias) std::copy(p.bias.begin(), p.bias.end(), bias_.floats().begin());
  }
  const float* bias() { return config_.bias ? bias_.floats().data() : nullptr; }
  std::uint64_t* winners() {
    return winners_.bytes() == 0 ? nullptr : static_cast<std::uint64_t*>(winners_.data());
  }

  ConvConfig config_;
  Engine& engine_;
  Tensor& src_;
  Tensor& dst_;
  bool masks_;
  Buffer bias_;     // padded with zeros, as all channels are
  Buffer winners_;  // training with pooling: winograd.hpp
  char* scratch_ = nullptr;
};

}  // namespace tailor::internal::bf16
