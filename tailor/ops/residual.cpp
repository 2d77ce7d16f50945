#include "tailor/ops/imagewise_op.hpp"
#include "tailor/ops/makers.hpp"

namespace tailor::internal {

namespace {

// Where a residual's branch leaves: nothing to do forward; backward, the skip's gradient joins the
// body's.
class Fork : public ImagewiseOp {
 public:
  Fork(Engine& engine, Tensor& src, Tensor& sum) : ImagewiseOp(engine, src, sum) {}
  BufferUses uses() override { return {{}, {&src_.diff, &dst_.diff}}; }

 private:
  void forward_images(const StepContext&, ImageRange) override {}
  void backward_images(ImageRange images) override { add_diff(engine_, dst_, src_, images); }
};

// Where it comes back: sum = skip + body.
class Join : public ImagewiseOp {
 public:
  Join(Engine& engine, Tensor& skip, Tensor& body, Tensor& sum)
      : ImagewiseOp(engine, body, sum), skip_(skip) {}
  BufferUses uses() override {
    return {{&skip_.data, &src_.data, &dst_.data}, {&src_.diff, &dst_.diff}};
  }

 private:
  void forward_images(const StepContext&, ImageRange images) override {
    add(engine_, skip_, src_, dst_, images);
  }
  void backward_images(ImageRange images) override { copy_diff(dst_, src_, images); }

  Tensor& skip_;
};

}  // namespace

std::unique_ptr<Op> make_fork(Engine& engine, Tensor& src, Tensor& sum) {
  return std::make_unique<Fork>(engine, src, sum);
}

std::unique_ptr<Op> make_join(Engine& engine, Tensor& skip, Tensor& body, Tensor& sum) {
  return std::make_unique<Join>(engine, skip, body, sum);
}

}  // namespace tailor::internal
