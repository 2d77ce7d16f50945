#include "tailor/nn/layers/options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"

namespace tailor::internal {

const std::vector<std::string>& paddings() {
  static const std::vector<std::string> names = {"valid", "same"};
  return names;
}

const std::vector<std::string>& initializers() {
  static const std::vector<std::string> names = {"glorot_uniform", "he_normal", "zeros"};
  return names;
}

void add_regularizer(FieldList& list, Regularizer& r) {
  list.push_back({"kernel_regularizer.l1", &r.l1, "adds l1 * sum |w| to the loss", 0, 1e6});
  list.push_back({"kernel_regularizer.l2", &r.l2, "adds l2 * sum w^2 to the loss", 0, 1e6});
}

void check_list(const std::vector<int>& values, std::size_t count, int min, const char* name,
                const std::string& where) {
  if (values.size() == count && std::ranges::all_of(values, [&](int v) { return v >= min; }))
    return;
  throw bad_input(
      fmt::format("{}: {} must be {} whole numbers of at least {}", where, name, count, min));
}

Shape sliding_shape(const Shape& in, int channels, const std::vector<int>& window,
                    const std::vector<int>& stride, const std::string& padding,
                    const std::string& where) {
  const auto extent = [&](int size, int k, int s) {
    return padding == "same" ? (size + s - 1) / s : size < k ? 0 : (size - k) / s + 1;
  };
  const Shape out{channels, extent(in.height, window[0], stride[0]),
                  extent(in.width, window[1], stride[1])};
  if (out.height < 1 || out.width < 1) {
    throw bad_input(fmt::format("{}: a window of {}x{} does not fit into {}", where, window[0],
                                window[1], to_string(in)));
  }
  return out;
}

}  // namespace tailor::internal
