#include "tailor/nn/lowering.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/nn/lower/expand.hpp"
#include "tailor/nn/lower/passes.hpp"

namespace tailor::internal {

namespace {

void check_int8(Phase phase) {
  if (phase == Phase::kTraining) throw failure("an int8 plan cannot train");
  if (!cpu_info().vnni) throw bad_input("precision int8 needs a CPU with AVX-512 VNNI");
}

std::string memory_text(const Program& program) {
  std::string text;
  for (const Step& s : program.steps) {
    text += fmt::format("  {:<40} {:<50} {:>12}\n", s.name, s.op->implementation(OpPhase::kForward),
                        to_string(s.output->shape));
  }
  return text + fmt::format("  {} bytes shared, {} side by side, {} of scratch\n",
                            program.arena.bytes(), program.arena.bytes_apart(),
                            program.scratch.bytes());
}

}  // namespace

std::size_t Program::first_weight(int step) const {
  for (std::size_t i = std::size_t(step); i < steps.size(); ++i) {
    if (steps[i].kernel != nullptr) return steps[i].kernel->offset;
  }
  return table.weight_count;
}

std::vector<Op*> Program::operations() const {
  std::vector<Op*> list;
  for (const Step& s : steps) list.push_back(s.op.get());
  return list;
}

void Program::take_memory(const Engine& engine) {
  arena.place();
  scratch = bind_scratch(operations(), engine.threads());
}

std::size_t Program::memory_bytes(const Engine& engine) const {
  std::size_t scratch_bytes = 0;  // as bind_scratch() takes them
  std::size_t bytes = arena.bytes();
  for (const Step& s : steps) {
    bytes += s.op->memory_bytes();
    scratch_bytes = std::max(scratch_bytes, s.op->scratch_bytes());
  }
  return bytes + (scratch_bytes + 63) / 64 * 64 * std::size_t(engine.threads());
}

std::unique_ptr<Program> lower(const Spec& spec, Engine& engine, int batch, Phase phase,
                               Precision precision, const SeePass& see) {
  auto program = lower_on_paper(spec, engine, batch, phase, precision, see);
  program->take_memory(engine);
  if (see) see("plan_memory", memory_text(*program));
  return program;
}

std::unique_ptr<Program> lower_on_paper(const Spec& spec, Engine& engine, int batch, Phase phase,
                                        Precision precision, const SeePass& see) {
  validate(spec);
  if (precision == Precision::kInt8) check_int8(phase);
  const PlanSite site{engine, batch, phase, precision};
  auto program = std::make_unique<Program>();
  program->table = param_table(spec);
  program->precision = precision;
  const auto show = [&](const char* pass, const Nodes& nodes) {
    if (see) see(pass, to_string(nodes));
  };

  Nodes nodes = expand(spec);
  show("expand", nodes);
  fuse(nodes, phase);
  show("fuse", nodes);
  choose_kernels(nodes, site, program->choices);
  show("choose_kernels", nodes);
  if (site.is_int8()) {
    place_bytes(nodes, site);
    show("place_bytes", nodes);
  }
  build(nodes, site, *program);
  if (site.trains()) {
    program->regions = draw_regions(program->steps, {engine.threads(), engine.peers().size() > 1});
    if (see) see("draw_regions", to_string(program->regions, program->steps));
  }
  plan_memory(*program, site);
  return program;
}

std::vector<OpCase> weighted_operations(const Spec& spec, Engine& engine, int batch,
                                        Precision precision) {
  const auto program = lower_on_paper(spec, engine, batch, Phase::kTraining, precision);
  std::vector<OpCase> operations;
  for (const auto& [key, operation] : program->choices) operations.push_back(operation);
  return operations;
}

}  // namespace tailor::internal
