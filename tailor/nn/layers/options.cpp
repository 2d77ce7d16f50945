#include "tailor/nn/layers/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/sizes.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/layers/same_padding.hpp"

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

Shape checked_shape(std::int64_t channels, std::int64_t height, std::int64_t width,
                    const std::string& where) {
  if (product_up_to(kMostValues, std::array{channels, height, width}) > kMostValues) {
    throw bad_input(
        fmt::format("{}: {}x{}x{} values for one image are more than the {} that a "
                    "layer may put out",
                    where, height, width, channels, grouped(double(kMostValues))));
  }
  return {int(channels), int(height), int(width)};
}

Shape sliding_shape(const Shape& in, int channels, const std::vector<int>& window,
                    const std::vector<int>& stride, const std::string& padding,
                    const std::string& where) {
  Padding2D zeros;
  if (padding == "same") {
    zeros = same_padding(in, window[0], window[1], stride[0], stride[1]);
  }
  const Shape padded =
      checked_shape(in.channels, std::int64_t(in.height) + zeros.top + zeros.bottom,
                    std::int64_t(in.width) + zeros.left + zeros.right, where);
  if (padded.height < window[0] || padded.width < window[1]) {
    throw bad_input(fmt::format("{}: a window of {}x{} does not fit into {}", where, window[0],
                                window[1], to_string(in)));
  }
  return checked_shape(channels, (padded.height - window[0]) / stride[0] + 1,
                       (padded.width - window[1]) / stride[1] + 1, where);
}

}  // namespace tailor::internal
