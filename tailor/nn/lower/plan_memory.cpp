// A buffer lives from the first to the last moment of a step at which an operation uses it.
#include <algorithm>
#include <ranges>

#include "tailor/nn/lower/passes.hpp"

namespace tailor::internal {

namespace {

void bind(Program& program) {
  std::size_t bytes = 0;
  for (const Step& s : program.steps) bytes = std::max(bytes, s.op->scratch_bytes());
  program.scratch = Buffer(bytes);
  for (Step& s : program.steps) s.op->bind(program.scratch.data());
}

}  // namespace

void plan_memory(Program& program, const PlanSite& site) {
  Arena& arena = program.arena;
  auto& steps = program.steps;
  auto use = [&, moment = 0](const std::vector<Buffer*>& buffers) mutable {
    for (Buffer* b : buffers) arena.use(*b, moment);
    return moment++;
  };
  Tensor& logits = program.logits();
  use({&program.input().data});
  for (Step& s : steps) use(s.op->uses().forward);
  int last = use({&logits.data, &logits.diff});
  if (site.trains()) {
    for (Step& s : std::views::reverse(steps)) {
      if (s.backward) last = use(s.op->uses().backward);
    }
  } else {
    arena.use(program.last_hidden().data, last);
  }
  arena.use(logits.data, last);
  if (site.phase == Phase::kInspection) {
    for (Step& s : steps) arena.use(s.output->data, last);
  }
  arena.place(site.engine.threads());
  bind(program);
}

}  // namespace tailor::internal
