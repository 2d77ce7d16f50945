// From layers to a plan in named passes, a file and a test each:
//
//     Nodes nodes = expand(spec);           every layer's operations
//     fuse(nodes, phase);                   what melts into another whatever kernels run; marks
//     choose_kernels(nodes, site);          ours or the library's; settles zeros and pooling
//     if (int8) place_bytes(nodes, site);   what runs in bytes, conversions between
//     build(nodes, table, site, program);   tensors and operations
//     draw_regions(steps, site);            what runs together in training (../regions.hpp)
//     plan_memory(program, ...);            where every buffer lies
//
// What a kernel can take in depends on whose it is, and whose it is depends on what stands behind
// (operation_key() knows of pooling): so fuse() marks and choose_kernels() settles.
#pragma once

#include "tailor/nn/lower/nodes.hpp"
#include "tailor/nn/lowering.hpp"

namespace tailor::internal {

void fuse(Nodes& nodes, Phase phase);

// Into `choices`: what they were made for.
void choose_kernels(Nodes& nodes, const PlanSite& site, std::map<std::string, OpCase>& choices);

// Whether there is a kernel in bytes for an operation that reads `source`, or could.
bool has_int8_kernel(const OpConfig& config, const Source& source, bool wide, const PlanSite& site);
void place_bytes(Nodes& nodes, const PlanSite& site);

// Needs program.table.
void build(const Nodes& nodes, const PlanSite& site, Program& program);

void plan_memory(Program& program, const PlanSite& site);

}  // namespace tailor::internal
