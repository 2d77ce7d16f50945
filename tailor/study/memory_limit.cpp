#include "tailor/study/memory_limit.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

namespace {

constexpr double kMiB = 1024.0 * 1024.0;

// Bytes in one unit; 0 where there is none of that name.
double unit(std::string_view name) {
  if (name.ends_with("iB")) name.remove_suffix(2);
  if (name.size() != 1) return 0;
  switch (name[0]) {
    case 'B':
      return 1;
    case 'k':
    case 'K':
      return 1024;
    case 'm':
    case 'M':
      return kMiB;
    case 'g':
    case 'G':
      return kMiB * 1024;
    default:
      return 0;
  }
}

// The largest part decides what helps.
std::string advice(const MemoryPlan& plan) {
  const std::size_t plans = std::max(plan.training, plan.evaluation);
  if (plan.images > plans && plan.images > plan.parameters) return "a smaller data.train_limit";
  if (plan.parameters > plans) return "a smaller model (model.kernels, model.dense)";
  return plan.training >= plan.evaluation ? "a smaller train.batch or model (model.kernels)"
                                          : "a smaller model (model.kernels)";
}

}  // namespace

std::size_t parse_memory(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const double bytes = number * unit({rest, std::size_t(end - rest)});
  if (error != std::errc() || !(bytes >= 1) || bytes > 1e18) {
    throw bad_input(fmt::format("--memory takes a size with its unit, such as 500M or 2G, not '{}'",
                                excerpt(text)));
  }
  return std::size_t(bytes);
}

std::string memory_text(const MemoryPlan& plan) {
  const auto mib = [](std::size_t bytes) { return std::ceil(double(bytes) / kMiB); };
  return fmt::format(
      "planned memory {} MiB: images {}, parameters {}, training {}, evaluation {} (the larger of "
      "the last two counts)",
      mib(plan.peak()), mib(plan.images), mib(plan.parameters), mib(plan.training),
      mib(plan.evaluation));
}

void check_image_memory(std::uint64_t bytes, std::size_t limit) {
  if (bytes <= limit) return;
  throw bad_input(fmt::format(
      "the images alone take {:.1f} MiB when they are read, more than --memory's {:.1f} "
      "MiB; a smaller data set takes less",
      double(bytes) / kMiB, double(limit) / kMiB));
}

void check_memory(const MemoryPlan& plan, std::size_t limit, const std::string& whose) {
  if (plan.peak() <= limit) return;
  throw bad_input(fmt::format(
      "this training is planned to take {:.1f} MiB, more than {} {:.1f} MiB; {} takes less",
      double(plan.peak()) / kMiB, whose, double(limit) / kMiB, advice(plan)));
}

MemoryPlan checked_memory_plan(const FitJob& job, Engine& engine, std::size_t limit,
                               const std::string& whose, std::size_t other_images) {
  MemoryPlan least = least_memory(job);
  least.images += other_images;
  check_memory(least, limit, whose);
  MemoryPlan plan = memory_plan(job, engine);
  plan.images += other_images;
  check_memory(plan, limit, whose);
  return plan;
}

}  // namespace tailor::internal
