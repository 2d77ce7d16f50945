// Stands in for the other files of this folder where there is no x86-64 or no compiler for its
// targets (cmake/folder.cmake): the library's kernels do everything.
#include "tailor/ops/own/bf16/ops.hpp"

namespace tailor::internal::bf16 {

bool available() {
  return false;
}

bool winograd_fits(const ConvConfig&, const Shape&, Layout, Precision) {
  return false;
}

std::unique_ptr<Op> make_winograd_conv(const ConvConfig&, const OpContext&) {
  return nullptr;
}

bool first_conv_fits(const ConvConfig&, const Shape&, Precision) {
  return false;
}

std::unique_ptr<Op> make_first_conv(const ConvConfig&, const OpContext&) {
  return nullptr;
}

std::unique_ptr<Op> make_dense(const DenseConfig&, const OpContext&) {
  return nullptr;
}

}  // namespace tailor::internal::bf16
