#include "tailor/ops/kernel_table.hpp"

#include "tailor/core/target_begin.hpp"

namespace tailor::TAILOR_TARGET {

std::unique_ptr<Op> make_dense(const DenseConfig&, const OpContext&);
std::unique_ptr<Op> make_first_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_winograd_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_direct_conv(const ConvConfig&, const OpContext&);
std::unique_ptr<Op> make_pool(const PoolConfig&, const OpContext&);
std::unique_ptr<Op> make_batch_norm(const BatchNormConfig&, const OpContext&);
std::unique_ptr<Op> make_relu(const ReluConfig&, const OpContext&);
std::unique_ptr<Op> make_dropout(const DropoutConfig&, const OpContext&);
std::unique_ptr<Op> make_rescale(const RescaleConfig&, const OpContext&);
void read_images(Engine&, std::span<const std::uint8_t* const>, double, double, Tensor&);
void mask_rectified(Engine&, const Tensor&, Tensor&);
void add(Engine&, const Tensor&, const Tensor&, Tensor&);
void add_diff(Engine&, const Tensor&, Tensor&);
void write_ordered(const WeightOrder&, const float*, Precision, void*, int);
void read_ordered(const std::int32_t*, const float*, std::span<float>, int);
double f32_flop();
double bf16_flop();

extern const KernelTable kKernels;
constinit const KernelTable kKernels = {make_dense,       make_first_conv, make_winograd_conv,
                                        make_direct_conv, make_pool,       make_batch_norm,
                                        make_relu,        make_dropout,    make_rescale,
                                        read_images,      mask_rectified,  add,
                                        add_diff,         write_ordered,   read_ordered,
                                        f32_flop,         bf16_flop};

}  // namespace tailor::TAILOR_TARGET

#include "tailor/core/target_end.hpp"
