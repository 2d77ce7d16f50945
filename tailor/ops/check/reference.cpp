#include "tailor/ops/check/reference.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace tailor::internal::reference {

namespace {

struct Grid {  // index arithmetic of [image][channel][row][column]
  Shape shape;
  std::size_t at(int n, int c, int y, int x) const {
    return ((std::size_t(n) * shape.channels + c) * shape.height + y) * shape.width + x;
  }
};

template <class Visit>
void each(const Shape& s, int batch, Visit visit) {
  for (int n = 0; n < batch; ++n)
    for (int c = 0; c < s.channels; ++c)
      for (int y = 0; y < s.height; ++y)
        for (int x = 0; x < s.width; ++x) visit(n, c, y, x);
}

// Calls visit(dst index, src index, kernel index) for every multiply-add of a convolution.
template <class Visit>
void each_product(const ConvConfig& c, const Shape& in, int batch, Visit visit) {
  const Grid from{in};
  const Grid to{output_shape(c, in)};
  each(to.shape, batch, [&](int n, int o, int y, int x) {
    for (int i = 0; i < in.channels; ++i)
      for (int ky = 0; ky < c.kernel_h; ++ky)
        for (int kx = 0; kx < c.kernel_w; ++kx) {
          const int sy = y * c.stride_h + ky - c.pad.top;
          const int sx = x * c.stride_w + kx - c.pad.left;
          if (sy < 0 || sy >= in.height || sx < 0 || sx >= in.width) continue;
          const auto k = ((std::size_t(o) * in.channels + i) * c.kernel_h + ky) * c.kernel_w + kx;
          visit(to.at(n, o, y, x), from.at(n, i, sy, sx), k);
        }
  });
}

// A dense layer is a convolution whose window is the image.
ConvConfig as_conv(const DenseConfig& d, const Shape& in) {
  return {d.units, in.height, in.width, 1, 1, {}, d.bias, d.relu};
}

struct Statistics {
  double mean = 0;
  double inverse = 0;  // 1 / sqrt(variance + epsilon)
};

std::vector<Statistics> statistics(const BatchNormConfig& b, const Shape& s, int batch,
                                   const std::vector<double>& src) {
  std::vector<Statistics> out(static_cast<std::size_t>(s.channels));
  std::vector<double> variance(out.size());
  const double count = double(batch) * s.height * s.width;
  const Grid g{s};
  each(s, batch, [&](int n, int c, int y, int x) {
    out[std::size_t(c)].mean += src[g.at(n, c, y, x)] / count;
  });
  each(s, batch, [&](int n, int c, int y, int x) {
    const double d = src[g.at(n, c, y, x)] - out[std::size_t(c)].mean;
    variance[std::size_t(c)] += d * d / count;
  });
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c].inverse = 1 / std::sqrt(variance[c] + b.epsilon);
  return out;
}

// Visits the positions of one pooling window that lie inside the image.
template <class Visit>
void each_in_window(const PoolConfig& p, const Shape& in, int y, int x, Visit visit) {
  for (int i = 0; i < p.window_h; ++i)
    for (int j = 0; j < p.window_w; ++j) {
      const int sy = y * p.stride_h + i - p.pad.top;
      const int sx = x * p.stride_w + j - p.pad.left;
      if (sy >= 0 && sy < in.height && sx >= 0 && sx < in.width) visit(sy, sx);
    }
}

void rectify(std::vector<double>& values, bool on) {
  if (!on) return;
  for (double& v : values) v = std::max(v, 0.0);
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// The share of the normal distribution below x, and its density.
double normal_below(double x) {
  return std::erfc(-x * std::numbers::sqrt2 / 2) / 2;
}
double normal_density(double x) {
  return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

// What stands in the approximate GELU's tanh, and its derivative.
const double kRoot = std::sqrt(2 * std::numbers::inv_pi);
double tanh_of(double x) {
  return kRoot * (x + 0.044715 * x * x * x);
}
double tanh_slope(double x) {
  return kRoot * (1 + 3 * 0.044715 * x * x);
}

double value(const Relu&, double x) {
  return std::max(x, 0.0);
}
double derivative(const Relu&, double x) {
  return x > 0 ? 1 : 0;
}
double value(const LeakyRelu& f, double x) {
  return x > 0 ? x : f.negative_slope * x;
}
double derivative(const LeakyRelu& f, double x) {
  return x > 0 ? 1 : f.negative_slope;
}
double value(const Elu& f, double x) {
  return x > 0 ? x : f.alpha * std::expm1(x);
}
double derivative(const Elu& f, double x) {
  return x > 0 ? 1 : f.alpha * std::exp(x);
}
double value(const Silu&, double x) {
  return x * sigmoid(x);
}
double derivative(const Silu&, double x) {
  return sigmoid(x) * (1 + x * sigmoid(-x));
}
double value(const Gelu& f, double x) {
  return f.approximate ? x * sigmoid(2 * tanh_of(x)) : x * normal_below(x);
}
double derivative(const Gelu& f, double x) {
  if (!f.approximate) return normal_below(x) + x * normal_density(x);
  const double u = 2 * tanh_of(x);
  return sigmoid(u) * (1 + x * sigmoid(-u) * 2 * tanh_slope(x));
}

struct Forward {
  const Shape& in;
  int batch;
  const Values& v;
  Shape out;

  std::vector<double> operator()(const ConvConfig& c) const {
    std::vector<double> dst(out.size() * std::size_t(batch));
    each_product(c, in, batch, [&](auto d, auto s, auto k) { dst[d] += v.src[s] * v.kernel[k]; });
    if (c.bias) {
      const Grid g{out};
      each(out, batch,
           [&](int n, int o, int y, int x) { dst[g.at(n, o, y, x)] += v.bias[std::size_t(o)]; });
    }
    rectify(dst, c.relu);
    return dst;
  }
  std::vector<double> operator()(const DenseConfig& d) const { return (*this)(as_conv(d, in)); }
  std::vector<double> operator()(const PoolConfig& p) const {
    std::vector<double> dst(out.size() * std::size_t(batch));
    const Grid from{in};
    const Grid to{out};
    each(out, batch, [&](int n, int c, int y, int x) {
      double best = -INFINITY;
      double sum = 0;
      int count = 0;
      each_in_window(p, in, y, x, [&](int sy, int sx) {
        const double value = v.src[from.at(n, c, sy, sx)];
        if (value > best || std::isnan(value)) best = value;
        sum += v.src[from.at(n, c, sy, sx)];
        ++count;
      });
      dst[to.at(n, c, y, x)] = p.max ? best : sum / count;
    });
    return dst;
  }
  std::vector<double> operator()(const BatchNormConfig& b) const {
    std::vector<double> dst(v.src.size());
    const auto stats = statistics(b, in, batch, v.src);
    const Grid g{in};
    each(in, batch, [&](int n, int c, int y, int x) {
      const auto k = std::size_t(c);
      const double xhat = (v.src[g.at(n, c, y, x)] - stats[k].mean) * stats[k].inverse;
      dst[g.at(n, c, y, x)] = xhat * v.kernel[k] + v.bias[k];
    });
    rectify(dst, b.relu);
    return dst;
  }
  std::vector<double> operator()(const ActivationConfig& a) const {
    std::vector<double> dst = v.src;
    for (double& x : dst) x = std::visit([&](const auto& f) { return value(f, x); }, a.function);
    return dst;
  }
  std::vector<double> operator()(const DropoutConfig&) const { return v.src; }
  std::vector<double> operator()(const FlattenConfig&) const { return v.src; }
  std::vector<double> operator()(const RescaleConfig& r) const {
    std::vector<double> dst = v.src;
    for (double& x : dst) x = x * r.scale + r.offset;
    return dst;
  }
  std::vector<double> operator()(const PadConfig& p) const {
    std::vector<double> dst(out.size() * std::size_t(batch));
    const Grid from{in};
    const Grid to{out};
    each(in, batch, [&](int n, int c, int y, int x) {
      dst[to.at(n, c, y + p.pad.top, x + p.pad.left)] = v.src[from.at(n, c, y, x)];
    });
    return dst;
  }
};

struct Backward {
  const Shape& in;
  int batch;
  const Values& v;
  Shape out;
  std::vector<double> diff;  // of dst, the fused ReLU's mask applied
  Gradients g;

  void operator()(const ConvConfig& c) {
    each_product(c, in, batch, [&](auto d, auto s, auto k) {
      g.src[s] += diff[d] * v.kernel[k];
      g.kernel[k] += diff[d] * v.src[s];
    });
    if (!c.bias) return;
    const Grid to{out};
    each(out, batch,
         [&](int n, int o, int y, int x) { g.bias[std::size_t(o)] += diff[to.at(n, o, y, x)]; });
  }
  void operator()(const DenseConfig& d) { (*this)(as_conv(d, in)); }
  void operator()(const PoolConfig& p) {
    const Grid from{in};
    const Grid to{out};
    each(out, batch, [&](int n, int c, int y, int x) {
      std::size_t best = 0;
      double largest = -INFINITY;
      int count = 0;
      each_in_window(p, in, y, x, [&](int sy, int sx) {
        const std::size_t i = from.at(n, c, sy, sx);
        if (v.src[i] > largest) {
          largest = v.src[i];
          best = i;
        }
        ++count;
      });
      const double d = diff[to.at(n, c, y, x)];
      if (p.max) {
        g.src[best] += d;
      } else {
        each_in_window(p, in, y, x,
                       [&](int sy, int sx) { g.src[from.at(n, c, sy, sx)] += d / count; });
      }
    });
  }
  void operator()(const BatchNormConfig& b) {
    const auto stats = statistics(b, in, batch, v.src);
    const double count = double(batch) * in.height * in.width;
    const Grid grid{in};
    const auto xhat = [&](std::size_t i, std::size_t k) {
      return (v.src[i] - stats[k].mean) * stats[k].inverse;
    };
    each(in, batch, [&](int n, int c, int y, int x) {
      const std::size_t i = grid.at(n, c, y, x);
      g.bias[std::size_t(c)] += diff[i];
      g.kernel[std::size_t(c)] += diff[i] * xhat(i, std::size_t(c));
    });
    each(in, batch, [&](int n, int c, int y, int x) {
      const std::size_t i = grid.at(n, c, y, x);
      const auto k = std::size_t(c);
      g.src[i] = v.kernel[k] * stats[k].inverse *
                 (diff[i] - g.bias[k] / count - xhat(i, k) * g.kernel[k] / count);
    });
  }
  void operator()(const ActivationConfig& a) {
    for (std::size_t i = 0; i < diff.size(); ++i) {
      const double x = v.src[i];
      g.src[i] = diff[i] * std::visit([&](const auto& f) { return derivative(f, x); }, a.function);
    }
  }
  void operator()(const DropoutConfig&) { g.src = diff; }
  void operator()(const FlattenConfig&) { g.src = diff; }
  void operator()(const RescaleConfig& r) {
    for (std::size_t i = 0; i < diff.size(); ++i) g.src[i] = diff[i] * r.scale;
  }
  void operator()(const PadConfig& p) {
    const Grid from{in};
    const Grid to{out};
    each(in, batch, [&](int n, int c, int y, int x) {
      g.src[from.at(n, c, y, x)] = diff[to.at(n, c, y + p.pad.top, x + p.pad.left)];
    });
  }
};

bool has_fused_relu(const OpConfig& config) {
  if (const auto* c = std::get_if<ConvConfig>(&config)) return c->relu;
  if (const auto* d = std::get_if<DenseConfig>(&config)) return d->relu;
  if (const auto* b = std::get_if<BatchNormConfig>(&config)) return b->relu;
  return false;
}

}  // namespace

ParamSizes param_sizes(const OpConfig& config, const Shape& src) {
  if (const auto* d = std::get_if<DenseConfig>(&config)) return param_sizes(as_conv(*d, src), src);
  if (const auto* c = std::get_if<ConvConfig>(&config)) {
    return {std::size_t(c->filters) * src.channels * c->kernel_h * c->kernel_w,
            c->bias ? std::size_t(c->filters) : 0};
  }
  if (std::holds_alternative<BatchNormConfig>(config)) {
    return {std::size_t(src.channels), std::size_t(src.channels)};
  }
  return {};
}

namespace {

// What 2x2 max pooling inside an operation comes behind; null where there is none.
std::optional<OpConfig> without_pooling(const OpConfig& config) {
  if (const auto* c = std::get_if<ConvConfig>(&config); c != nullptr && c->pools) {
    ConvConfig plain = *c;
    plain.pools = false;
    return plain;
  }
  if (const auto* b = std::get_if<BatchNormConfig>(&config); b != nullptr && b->pools) {
    BatchNormConfig plain = *b;
    plain.pools = false;
    return plain;
  }
  return {};
}

}  // namespace

std::vector<double> forward(const OpConfig& config, const Shape& src, int batch,
                            const Values& values) {
  if (const auto plain = without_pooling(config)) {
    return forward(PoolConfig{}, output_shape(*plain, src), batch,
                   {forward(*plain, src, batch, values), {}, {}});
  }
  return std::visit(Forward{src, batch, values, output_shape(config, src)}, config);
}

Gradients backward(const OpConfig& config, const Shape& src, int batch, const Values& values,
                   const std::vector<double>& diff_dst) {
  if (const auto plain = without_pooling(config)) {
    const Gradients pooling = backward(PoolConfig{}, output_shape(*plain, src), batch,
                                       {forward(*plain, src, batch, values), {}, {}}, diff_dst);
    return backward(*plain, src, batch, values, pooling.src);
  }
  Backward b{src, batch, values, output_shape(config, src), diff_dst, {}};
  if (has_fused_relu(config)) {
    const std::vector<double> dst = forward(config, src, batch, values);
    for (std::size_t i = 0; i < dst.size(); ++i) b.diff[i] = dst[i] > 0 ? diff_dst[i] : 0;
  }
  b.g = {std::vector<double>(values.src.size()), std::vector<double>(values.kernel.size()),
         std::vector<double>(values.bias.size())};
  std::visit(b, config);
  return b.g;
}

}  // namespace tailor::internal::reference
