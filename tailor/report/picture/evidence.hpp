// What decided, as people see it: colours laid over a picture, and sheets of such pairs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tailor/formats/image.hpp"

namespace tailor::internal {

// The picture in pale gray with orange where `evidence`, one value a pixel, spoke for the class and
// blue where it spoke against; the strongest value is in full colour. Values that nowhere reach
// 0.05 nats (a change of odds by a twentieth) tell nothing and stay without colour. RGB, of the
// picture's size.
Image evidence_picture(const Image& picture, std::span<const float> evidence);

struct Explained {
  Image picture;  // as the net saw it
  std::vector<float> evidence;
  std::string title;  // the answer
  std::string note;   // where the picture came from
};

// Each picture beside its colours, up to three pairs in a row, and what the colours mean.
Image evidence_sheet(const std::vector<Explained>& all);

}  // namespace tailor::internal
