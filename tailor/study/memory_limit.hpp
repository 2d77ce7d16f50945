// What a training may take, as --memory says or as the machine has it, checked against its plan
// before anything is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tailor/train/trainer.hpp"

namespace tailor::internal {

// "500M", "2G", "1.5g", "800000B", units of 1024; a number without a unit could mean any. Throws
// bad_input.
std::size_t parse_memory(const std::string& text);

// "planned memory 143 MiB: images 45, parameters 7, training 91, evaluation 60".
std::string memory_text(const MemoryPlan& plan);

// Throws bad_input where the images alone, `bytes` of them, are above `limit`: known before they
// are read.
void check_image_memory(std::uint64_t bytes, std::size_t limit);

// Throws bad_input with the figure and what to change where the plan's peak is above `limit` bytes;
// `whose` they are: "--memory's", "this machine's".
void check_memory(const MemoryPlan& plan, std::size_t limit, const std::string& whose);

// The plan, unless that throws. What it takes at least is looked at first. `other_images`: bytes of
// images in memory besides what is trained on.
MemoryPlan checked_memory_plan(const FitJob& job, Engine& engine, std::size_t limit,
                               const std::string& whose, std::size_t other_images = 0);

}  // namespace tailor::internal
