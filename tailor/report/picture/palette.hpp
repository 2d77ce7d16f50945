// The colours of classes, one place for pages, charts and animations. Five are Petroff's (2021,
// arXiv 2107.02270); his two greys and two browns are hard to tell in small points, so five others
// were searched for: any two of the ten are 0.17 or more apart in OKLab and 0.09 for those who do
// not see red or green (his: 0.09 and 0.06). Classes beyond ten repeat them with another mark;
// colour never stands alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tailor::internal {

using Rgb = std::array<std::uint8_t, 3>;

inline constexpr std::array<Rgb, 10> kClassColours = {{{0x3f, 0x90, 0xda},
                                                       {0xff, 0xa9, 0x0e},
                                                       {0xbd, 0x1f, 0x01},
                                                       {0x92, 0xda, 0xdd},
                                                       {0x83, 0x2d, 0xb6},
                                                       {0x6b, 0x9e, 0x1f},
                                                       {0xdb, 0x33, 0x95},
                                                       {0x5d, 0x3b, 0x52},
                                                       {0xc1, 0x90, 0x8f},
                                                       {0x1b, 0x71, 0x4c}}};

inline const Rgb& class_colour(int label) {
  return kClassColours[std::size_t(label) % 10];
}

// Black or white, whichever contrasts more with it (WCAG 2.1's relative luminance).
Rgb ink_on(const Rgb& colour);

}  // namespace tailor::internal
