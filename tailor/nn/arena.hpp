// One block of memory for all buffers of a plan. Each is needed from the first to the last moment
// at which an operation uses it, so two that never meet may lie in the same place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tailor/core/memory/buffer.hpp"

namespace tailor::internal {

class Arena {
 public:
  // `buffer` is used at this moment of a step (any count that grows along it). It stays where it
  // is and alive as long as the arena; empty ones are passed over.
  void use(Buffer& buffer, int moment);
  // Says where each of them will lie, once. Where several threads work on them, each on its part of
  // the images, only buffers of one size share a place, and share it from end to end: a thread then
  // writes where it wrote before.
  void arrange(int threads);
  // Takes the memory for that. Until then all of it is numbers.
  void place();

  std::size_t bytes() const { return bytes_; }
  std::size_t bytes_apart() const;  // what they would take side by side
  void fill(std::uint8_t byte);

 private:
  struct Item {
    Buffer* buffer;
    int first, last;  // moments
    std::size_t offset = 0;
    std::size_t end() const;
    bool excludes(const Item& other, int threads) const;
  };
  // A place for `item` among `placed`, which are in the order of their offsets.
  static std::size_t best_gap(const Item& item, const std::vector<const Item*>& placed,
                              int threads);

  std::vector<Item> items_;
  std::size_t bytes_ = 0;  // of all places
  Buffer memory_;
};

}  // namespace tailor::internal
