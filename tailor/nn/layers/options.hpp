// What several layers share: the tensors a layer may have, and options that mean the same in each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tailor/core/fields.hpp"
#include "tailor/core/shape.hpp"

namespace tailor::internal {

struct Layer;
class Expansion;  // nn/lower/expand.hpp: where a layer puts its operations

// A kind of layer in words, for the reference (nn/reference.hpp). Its options say more.
struct LayerHelp {
  const char* keras;         // its name there
  const char* what;          // what it does, one sentence
  const char* output;        // the shape after it
  const char* weights = "";  // its tensors; "" for none
};

// Keras's regularizers.L1L2: adds l1 * sum|w| + l2 * sum w^2 to the loss.
struct Regularizer {
  double l1 = 0;
  double l2 = 0;
  bool operator==(const Regularizer&) const = default;
};

// One tensor of a layer.
struct Parameter {
  std::string name;        // "kernel"; in a residual "body.0.kernel"
  std::vector<int> shape;  // as TensorInfo's (nn/params.hpp)
  std::string initializer;
  Regularizer regularizer = {};
  bool trained = true;  // false: a running statistic
};
using ParameterList = std::vector<Parameter>;

const std::vector<std::string>& paddings();      // valid | same
const std::vector<std::string>& initializers();  // glorot_uniform | he_normal | zeros

void add_regularizer(FieldList& list, Regularizer& regularizer);

// A list of `count` numbers, each at least `min`, or bad_input.
void check_list(const std::vector<int>& values, std::size_t count, int min, const char* name,
                const std::string& where);

// What a layer puts out, or bad_input where that is more than it may (kMostValues).
Shape checked_shape(std::int64_t channels, std::int64_t height, std::int64_t width,
                    const std::string& where);

// The shape after a window has slid over `in`, or bad_input where it does not fit.
Shape sliding_shape(const Shape& in, int channels, const std::vector<int>& window,
                    const std::vector<int>& stride, const std::string& padding,
                    const std::string& where);

}  // namespace tailor::internal
