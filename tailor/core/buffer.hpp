// 64-byte aligned memory, zeroed, fixed in size: what tensors, weights and moments live in.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace tailor {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t bytes) : bytes_(bytes), data_(allocate(bytes)) {}
  Buffer(const Buffer& other) : Buffer(other.bytes_) {
    if (bytes_ > 0) std::memcpy(data_.get(), other.data_.get(), bytes_);
  }
  Buffer(Buffer&& other) noexcept : bytes_(other.bytes_), data_(std::move(other.data_)) {
    other.bytes_ = 0;
  }
  Buffer& operator=(Buffer other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(data_, other.data_);
    return *this;
  }

  void* data() { return data_.get(); }
  const void* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }
  std::span<float> floats() { return {static_cast<float*>(data()), bytes_ / sizeof(float)}; }
  std::span<const float> floats() const {
    return {static_cast<const float*>(data()), bytes_ / sizeof(float)};
  }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  // 64-byte aligned and zero; large ones on huge pages where the system has them.
  static void* allocate(std::size_t bytes);
  std::size_t bytes_ = 0;
  std::unique_ptr<void, Free> data_;
};

}  // namespace tailor
