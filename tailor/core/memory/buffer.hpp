// 64-byte aligned memory, fixed in size: what tensors, weights and moments live in. Zeroed and its
// own, or a place in memory that somebody else keeps.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace tailor::internal {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes) : bytes_(bytes), own_(allocate(bytes)), data_(own_.get()) {}
  Buffer(const Buffer& other) : Buffer(other.bytes_) {
    if (other.data_ != nullptr) std::memcpy(data_, other.data_, bytes_);
  }
  Buffer(Buffer&& other) noexcept
      : bytes_(std::exchange(other.bytes_, 0)),
        own_(std::move(other.own_)),
        data_(std::exchange(other.data_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(own_, other.own_);
    std::swap(data_, other.data_);
    return *this;
  }

  // Without memory until place() says where it lies.
  static Buffer unplaced(std::size_t bytes) {
    Buffer buffer;
    buffer.bytes_ = bytes;
    return buffer;
  }
  void place(void* memory) {
    own_.reset();
    data_ = memory;
  }

  void* data() { return data_; }
  const void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  std::span<float> floats() { return {static_cast<float*>(data()), bytes_ / sizeof(float)}; }
  std::span<const float> floats() const {
    return {static_cast<const float*>(data()), bytes_ / sizeof(float)};
  }

 private:
  struct Free {
    void operator()(void* memory) const { release(memory); }
  };
  // 64-byte aligned and zero; large ones on huge pages where the system has them. These two are
  // alone in their file: a test that looks for overruns brings others (tests/guarded/buffer.cpp).
  static void* allocate(std::size_t bytes);
  static void release(void* memory);

  std::size_t bytes_ = 0;
  std::unique_ptr<void, Free> own_;
  void* data_ = nullptr;
};

}  // namespace tailor::internal
