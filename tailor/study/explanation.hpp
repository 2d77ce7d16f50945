// What decided an answer: how much of the evidence for a class goes when a part of the image does.
#pragma once

#include <span>
#include <vector>

#include "tailor/data/rows.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/model.hpp"

namespace tailor::internal {

// The side of the square that is hidden, in pixels: a quarter of the image's shorter side.
int hidden_side(const Shape& shape);

// Occlusion (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks"): a
// square is moved over the image by a third of its side, from where it covers the first pixels to
// where it covers the last. What it hides becomes the mean colour of what is around it, half a side
// wide, so that an even ground stays what it was and no edge comes to be. For every pixel the mean,
// over the squares that cover it, of the fall in the log-odds of `classes[i]` ("weight of
// evidence", Robnik-Sikonja and Kononenko 2008), in nats: above 0 it spoke for the class, below 0
// against it. One map of height x width for each row. About 200 to 400 predictions an image.
// Needs predictions only, so it serves every net in every precision. Throws as predict() does.
std::vector<std::vector<float>> evidence_maps(const Model& model, Engine& engine, const Rows& rows,
                                              std::span<const int> classes);

}  // namespace tailor::internal
