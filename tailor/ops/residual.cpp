#include "tailor/ops/makers.hpp"

namespace tailor::internal {

namespace {

// Where a residual's branch leaves: nothing to do forward; backward, the skip's gradient joins the
// body's.
class Fork : public Op {
 public:
  Fork(Engine& engine, Tensor& src, Tensor& sum) : engine_(engine), src_(src), sum_(sum) {}
  void forward(const StepContext&) override {}
  void backward_data() override { add_diff(engine_, sum_, src_); }
  BufferUses uses() override { return {{}, {&src_.diff, &sum_.diff}}; }

 private:
  Engine& engine_;
  Tensor& src_;
  Tensor& sum_;
};

// Where it comes back: sum = skip + body.
class Join : public Op {
 public:
  Join(Engine& engine, Tensor& skip, Tensor& body, Tensor& sum)
      : engine_(engine), skip_(skip), body_(body), sum_(sum) {}
  void forward(const StepContext&) override { add(engine_, skip_, body_, sum_); }
  void backward_data() override { copy_diff(sum_, body_); }
  BufferUses uses() override {
    return {{&skip_.data, &body_.data, &sum_.data}, {&body_.diff, &sum_.diff}};
  }

 private:
  Engine& engine_;
  Tensor& skip_;
  Tensor& body_;
  Tensor& sum_;
};

}  // namespace

std::unique_ptr<Op> make_fork(Engine& engine, Tensor& src, Tensor& sum) {
  return std::make_unique<Fork>(engine, src, sum);
}

std::unique_ptr<Op> make_join(Engine& engine, Tensor& skip, Tensor& body, Tensor& sum) {
  return std::make_unique<Join>(engine, skip, body, sum);
}

}  // namespace tailor::internal
