// A buffer lives from the first to the last moment of a step at which an operation uses it. In
// training a region is a moment: all that stands in it may run at once.
#include "tailor/nn/lower/passes.hpp"

namespace tailor::internal {

namespace {

class Moments {
 public:
  explicit Moments(Program& program) : program_(program), arena_(program.arena) {}

  void use(Buffer& buffer) { arena_.use(buffer, now_); }
  void use(const std::vector<Buffer*>& buffers) {
    for (Buffer* b : buffers) use(*b);
  }
  void next() { ++now_; }

  void use_training() {
    for (const Region& region : program_.regions.forward) use_region(region);
    use(program_.logits().data);
    use(program_.logits().diff);
    next();
    for (const Region& region : program_.regions.backward) use_region(region);
  }

  void use_inference(Phase phase) {
    use(program_.input().data);
    next();
    for (Step& s : program_.steps) {
      use(s.op->uses().forward);
      next();
    }
    use(program_.last_hidden().data);
    if (phase != Phase::kInspection) return;
    for (Step& s : program_.steps) use(s.output->data);
  }

 private:
  void use_region(const Region& region) {
    for (const auto* tasks : {&region.pieces, &region.parts}) {
      for (const Task& task : *tasks) use_task(task);
    }
    next();
  }

  void use_task(const Task& task) {
    if (task.step == kReadImages) return use(program_.input().data);
    const BufferUses uses = program_.steps[std::size_t(task.step)].op->uses();
    use(task.phase == OpPhase::kForward ? uses.forward : uses.backward);
  }

  Program& program_;
  Arena& arena_;
  int now_ = 0;
};

}  // namespace

void plan_memory(Program& program, const PlanSite& site) {
  Moments moments(program);
  if (site.trains()) {
    moments.use_training();
  } else {
    moments.use_inference(site.phase);
  }
  moments.use(program.logits().data);  // which are asked for in the end
  program.arena.arrange(site.engine.threads());
}

}  // namespace tailor::internal
