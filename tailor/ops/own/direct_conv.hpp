// A convolution of any window, stride, padding and size, on every kind of CPU: for the shapes that
// neither a faster kernel of ours nor one of the library's takes. oneDNN 2.6 leaves many of them to
// its reference kernels, which are hundreds of times slower: on AVX2 the source's gradient wherever
// the strides differ, below AVX2 nearly every gradient. One such phase is enough to come here.
//
// Pixels and channels are as they lie, in blocks of L channels; a pixel's channels are broadcast
// one by one and meet the outputs in vectors, sums in registers, whatever the precision of memory.
//
//      forward           H pixels x 2 blocks of outputs over [in block][tap][L in]
//      backward data     H pixels x a block of inputs over [out block][L out], tap by tap,
//                        added to one plane in f32, which is rounded when it is complete
//      backward weights  H inputs x 2 blocks of outputs, of one tap, over all images' pixels
//
//      ahead  [2 blocks of out][in block][tap][L in][2 x L out]   an odd block stands alone
//      back   [in block][tap][out block][L out][L in]
//
// Every sum is one thread's, in one order: no bit depends on the number of threads.
#pragma once

#include "tailor/ops/op.hpp"

namespace tailor::internal {

// `context.src` in blocks, `config.pools` false.
std::unique_ptr<Op> make_direct_conv(const ConvConfig& config, const OpContext& context);

}  // namespace tailor::internal
