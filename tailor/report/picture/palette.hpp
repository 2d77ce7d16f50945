// The colours of classes, one place for pages, charts and animations: Petroff's ten (2021,
// "Accessible color sequences for data visualization", arXiv 2107.02270), which colour-blind
// readers tell apart. Classes beyond ten repeat them with another mark; colour never stands alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tailor::internal {

using Rgb = std::array<std::uint8_t, 3>;

inline constexpr std::array<Rgb, 10> kClassColours = {{{0x3f, 0x90, 0xda},
                                                       {0xff, 0xa9, 0x0e},
                                                       {0xbd, 0x1f, 0x01},
                                                       {0x94, 0xa4, 0xa2},
                                                       {0x83, 0x2d, 0xb6},
                                                       {0xa9, 0x6b, 0x59},
                                                       {0xe7, 0x63, 0x00},
                                                       {0xb9, 0xac, 0x70},
                                                       {0x71, 0x75, 0x81},
                                                       {0x92, 0xda, 0xdd}}};

inline const Rgb& class_colour(int label) {
  return kClassColours[std::size_t(label) % 10];
}

// Black or white, whichever contrasts more with it (WCAG 2.1's relative luminance).
Rgb ink_on(const Rgb& colour);

}  // namespace tailor::internal
