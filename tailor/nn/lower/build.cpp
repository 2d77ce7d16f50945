// Nodes become tensors and operations.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/lower/passes.hpp"
#include "tailor/ops/no_kernel.hpp"
#include "tailor/ops/own/int8/int8.hpp"

namespace tailor::internal {

namespace {

// What comes out are values that went in, and zeros.
bool keeps_range(const OpConfig& config) {
  const auto* pool = std::get_if<PoolConfig>(&config);
  return (pool != nullptr && pool->max) || std::holds_alternative<PadConfig>(config) ||
         std::holds_alternative<FlattenConfig>(config);
}

using TensorsByName = std::unordered_map<std::string_view, const TensorInfo*>;

TensorsByName by_name(const ParamTable& table) {
  TensorsByName tensors;
  for (const auto* list : {&table.weights, &table.state}) {
    for (const TensorInfo& t : *list) tensors.emplace(t.name, &t);
  }
  return tensors;
}

class Building {
 public:
  Building(const PlanSite& site, Program& program)
      : site_(site), program_(program), tensors_(by_name(program.table)) {}

  void run(const Nodes& nodes) {
    program_.input_scale = nodes.input_scale;
    program_.input_offset = nodes.input_offset;
    source_ = nodes.input;
    at_ = &add_tensor(source_, false);
    const double ends[] = {nodes.input_offset, 255 * nodes.input_scale + nodes.input_offset};
    at_->range = float(std::max(std::abs(ends[0]), std::abs(ends[1])));
    for (const Node& node : nodes.list) {
      source_ = after(node, source_);
      add(node);
    }
    program_.last = at_;
  }

 private:
  void add(const Node& node) {
    try {
      std::visit([&](const auto& work) { add(node, work); }, node.work);
    } catch (const NoKernel& error) {
      throw bad_input(
          fmt::format("{} ({}): {}; change the layer", node.layer, node.what, error.what()));
    }
  }

  // Where values lie that the next node reads.
  Tensor& add_tensor(const Source& s, bool with_diff) {
    const bool image_bytes = s.is_image && s.is_int8;
    Tensor& t = program_.tensors.emplace_back(
        s.shape, site_.batch, s.layout, s.is_int8 ? Precision::kInt8 : site_.floats(),
        image_bytes ? 1 : site_.engine.lanes(), site_.trains() && with_diff);
    if (t.image_size() > kMostBatchValues / std::uint64_t(t.batch)) {
      throw bad_input(
          fmt::format("{} images of {} at a time are more than the {} values that a layer may put "
                      "out for a batch; a smaller train.batch or model makes fewer",
                      t.batch, to_string(t.shape), grouped(double(kMostBatchValues))));
    }
    if (site_.is_int8()) t.is_signed = s.is_signed;
    return t;
  }

  Tensor& add_result(const Node& node) {
    Source result = source_;
    result.is_int8 = node.is_int8;
    Tensor& dst = add_tensor(result, result.behind_weights);
    if (is_wide(node)) dst.widen_data();
    return dst;
  }

  void add(const Node& node, const OpConfig& config) {
    Tensor& src = *at_;
    Tensor& dst = add_result(node);
    Step step;
    step.name = node.name();
    find_parameters(node, step);
    const bool masks = std::exchange(mask_for_producer_, node.masked_by_consumer);
    step.op =
        make_op(config, {site_.engine, src, dst, site_.trains(), node.masked_by_consumer, masks});
    step.output = &dst;
    step.range_from = keeps_range(config) ? &src : nullptr;
    step.differentiates_data = src.has_diff();
    step.backward = dst.has_diff();
    push(std::move(step), dst);
  }

  void add(const Node& node, const Conversion&) {
    Tensor& src = *at_;
    Tensor& dst = add_tensor(source_, false);
    Step step;
    step.name = node.name();
    step.op = int8::make_conversion(site_.engine, src, dst);
    step.output = &dst;
    step.range_from = &src;
    push(std::move(step), dst);
  }

  // The fork's operation is made with the join's, whose tensor it reads; its place in the order is
  // here.
  void add(const Node& node, const Fork&) {
    forks_.push_back(program_.steps.size());
    Step step;
    step.name = node.name();
    step.output = at_;
    push(std::move(step), *at_);
  }

  void add(const Node& node, const Join&) {
    Step& fork = program_.steps[forks_.back()];
    forks_.pop_back();
    Tensor& skip = *fork.output;
    Tensor& body = *at_;
    Tensor& sum = add_tensor(source_, source_.behind_weights);
    fork.op = make_fork(site_.engine, skip, sum);
    fork.range_from = &skip;
    fork.differentiates_data = fork.backward = skip.has_diff();
    Step join;
    join.name = node.name();
    join.op = make_join(site_.engine, skip, body, sum);
    join.output = &sum;
    join.differentiates_data = join.backward = body.has_diff();
    push(std::move(join), sum);
  }

  // Null where there is none of that name.
  const TensorInfo* find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : found->second;
  }

  void find_parameters(const Node& node, Step& step) {
    if (node.parameters.empty()) return;
    const bool is_norm = config_of<BatchNormConfig>(node) != nullptr;
    step.kernel = find(node.parameters + (is_norm ? ".gamma" : ".kernel"));
    step.bias = find(node.parameters + (is_norm ? ".beta" : ".bias"));
    step.mean = find(node.parameters + ".moving_mean");
    step.variance = find(node.parameters + ".moving_variance");
    if (!node.norm.empty()) step.norm = folded_norm(node, *step.kernel);
  }

  FoldedNorm folded_norm(const Node& node, const TensorInfo& kernel) const {
    FoldedNorm norm{find(node.norm + ".gamma"),
                    find(node.norm + ".beta"),
                    find(node.norm + ".moving_mean"),
                    find(node.norm + ".moving_variance"),
                    node.epsilon,
                    {},
                    {}};
    norm.kernel = Buffer(kernel.size * sizeof(float));
    norm.bias = Buffer(norm.gamma->size * sizeof(float));
    return norm;
  }

  void push(Step step, Tensor& dst) {
    program_.steps.push_back(std::move(step));
    at_ = &dst;
  }

  const PlanSite& site_;
  Program& program_;
  TensorsByName tensors_;
  Source source_;
  Tensor* at_ = nullptr;  // what the next operation reads
  std::vector<std::size_t> forks_;
  bool mask_for_producer_ = false;
};

}  // namespace

void build(const Nodes& nodes, const PlanSite& site, Program& program) {
  Building(site, program).run(nodes);
}

}  // namespace tailor::internal
