// The one thing of a camera's notes that changes the picture: which side is up.
#pragma once

#include <cstdint>
#include <span>

namespace tailor::internal {

// Tag 274 of the first directory of an EXIF block (a small TIFF file, CIPA DC-008), 1 to 8. `block`
// may begin with "Exif\0\0". 1, upright, where it does not say, or is broken.
int exif_orientation(std::span<const std::uint8_t> block);

}  // namespace tailor::internal
