#include "tailor/nn/regions.hpp"

#include <algorithm>
#include <utility>

#include "tailor/nn/lowering.hpp"

namespace tailor::internal {

namespace {

// Parts of one stage come in so many tasks at most.
constexpr int kMostTasks = 16;

class Drawing {
 public:
  Drawing(const std::vector<Step>& steps, const RegionSite& site) : steps_(steps), site_(site) {}

  void add_pieces(const Task& task) {
    open_.pieces.push_back(task);
    if (is_stage_by_stage()) close();
  }

  // The stages of a phase that the next one needs.
  void add(int step, OpPhase phase) {
    const Stages stages = op(step).stages(phase);
    for (int i = 0; i < stages.count; ++i) {
      const Stage& stage = stages.list[i];
      if (stage.of == Stage::Of::kPieces) {
        add_pieces({step, phase, i, 0, 0, stage.microseconds});
        continue;
      }
      if (!is_empty(open_)) close();
      open_.alone = stage.of == Stage::Of::kBatch;
      add_parts(step, phase, i, stage);
      close();
    }
  }

  // The stages of a phase that nothing but the end needs: the first beside what comes behind the
  // region that is open, each other beside what comes behind the one before it.
  void add_aside(int step, OpPhase phase) {
    if (is_stage_by_stage()) return add(step, phase);
    const bool opens = is_empty(open_);
    aside_.push_back({step, phase, 0, regions_.size() + (opens ? 0 : 1)});
  }

  // All that stands aside is done as well.
  std::vector<Region> finish() {
    close();
    while (!aside_.empty()) close();
    return std::move(regions_);
  }

 private:
  // One thread waits for nobody: every stage is a region, and so what it reads is in the caches.
  // In larger regions a step took 1.03 times as long on one thread, air with 16 kernels 1.05.
  // Peers have to hand in their gradients in the same parts at the same moments, whatever the
  // number of their threads and images: after every operation.
  bool is_stage_by_stage() const { return site_.threads == 1 || site_.has_peers; }

  struct Aside {
    int step;
    OpPhase phase;
    int stage;           // the next
    std::size_t behind;  // so many regions
    bool is_done = false;
  };

  Op& op(int step) const { return *steps_[std::size_t(step)].op; }

  void add_parts(int step, OpPhase phase, int number, const Stage& stage) {
    const int tasks = site_.threads == 1 ? 1 : std::min(stage.count, kMostTasks);
    for (int i = 0; i < tasks; ++i) {
      open_.parts.push_back({step, phase, number, part(stage.count, i, tasks),
                             part(stage.count, i + 1, tasks), stage.microseconds / tasks,
                             part(site_.threads, i, tasks)});
    }
  }

  static bool is_empty(const Region& r) { return r.pieces.empty() && r.parts.empty(); }

  void close() {
    if (!open_.alone) take_in_what_stands_aside();
    if (is_empty(open_)) return;
    std::ranges::stable_sort(open_.parts, {},
                             [](const Task& t) { return std::pair(t.thread, -t.microseconds); });
    for (const auto* tasks : {&open_.pieces, &open_.parts}) {
      for (const Task& task : *tasks) open_.microseconds += task.microseconds;
    }
    regions_.push_back(std::exchange(open_, {}));
  }

  // What needs only regions that are closed.
  void take_in_what_stands_aside() {
    for (Aside& a : aside_) {
      if (a.behind > regions_.size()) continue;
      const Stages stages = op(a.step).stages(a.phase);
      add_parts(a.step, a.phase, a.stage, stages.list[a.stage]);
      a.behind = regions_.size() + 1;
      a.is_done = ++a.stage == stages.count;
    }
    std::erase_if(aside_, [](const Aside& a) { return a.is_done; });
  }

  const std::vector<Step>& steps_;
  const RegionSite site_;
  std::vector<Region> regions_;
  Region open_;
  std::vector<Aside> aside_;
};

bool has_parameters(const Step& s) {
  return s.kernel != nullptr;
}

std::vector<Region> load_regions(const std::vector<Step>& steps, const RegionSite& site) {
  Drawing drawing(steps, site);
  for (int i = 0; i < int(steps.size()); ++i) {
    if (has_parameters(steps[std::size_t(i)])) drawing.add_aside(i, OpPhase::kLoad);
  }
  return drawing.finish();
}

std::vector<Region> forward_regions(const std::vector<Step>& steps, const RegionSite& site) {
  Drawing drawing(steps, site);
  drawing.add_pieces({.step = kReadImages});
  for (int i = 0; i < int(steps.size()); ++i) drawing.add(i, OpPhase::kForward);
  return drawing.finish();
}

void mark_complete(std::vector<Region>& regions) {
  int wanted_later = 0;  // the last step whose gradients a later region adds to, plus one
  for (std::size_t i = regions.size(); i-- > 0;) {
    regions[i].complete_from = wanted_later;
    for (const Task& t : regions[i].parts) {
      if (t.phase == OpPhase::kBackwardWeights) wanted_later = std::max(wanted_later, t.step + 1);
    }
  }
}

std::vector<Region> backward_regions(const std::vector<Step>& steps, const RegionSite& site) {
  Drawing drawing(steps, site);
  for (int i = int(steps.size()); i-- > 0;) {
    const Step& s = steps[std::size_t(i)];
    if (!s.backward) continue;
    drawing.add(i, OpPhase::kPrepareBackward);
    if (has_parameters(s)) drawing.add_aside(i, OpPhase::kBackwardWeights);
    if (s.differentiates_data) drawing.add(i, OpPhase::kBackwardData);
  }
  std::vector<Region> regions = drawing.finish();
  mark_complete(regions);
  return regions;
}

// ": " and the tasks' names, each once in a row.
std::string names(const std::vector<Task>& tasks, const std::vector<Step>& steps) {
  std::string text;
  std::string last;
  for (const Task& task : tasks) {
    const std::string name = task.step == kReadImages
                                 ? "input"
                                 : steps[std::size_t(task.step)].name + " " + name_of(task.phase);
    if (name != last) text += (text.empty() ? ": " : ", ") + name;
    last = name;
  }
  return text;
}

}  // namespace

Regions draw_regions(const std::vector<Step>& steps, const RegionSite& site) {
  return {load_regions(steps, site), forward_regions(steps, site), backward_regions(steps, site)};
}

std::string to_string(const Regions& regions, const std::vector<Step>& steps) {
  std::string text;
  for (const auto* half : {&regions.load, &regions.forward, &regions.backward}) {
    for (const Region& region : *half) {
      const bool both = !region.pieces.empty() && !region.parts.empty();
      text += "  ";
      if (!region.pieces.empty()) text += "pieces" + names(region.pieces, steps);
      if (both) text += "; ";
      if (!region.parts.empty()) {
        text += (region.alone ? "alone" : "parts") + names(region.parts, steps);
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace tailor::internal
