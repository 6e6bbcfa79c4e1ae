#pragma once

#include <cstddef>

#include "continuo/kernels/aligned_floats.h"

namespace continuo::kernels {

// Counts what a Scratch has to hold, by being asked for the same pieces.
class ScratchSize {
 public:
  template <typename Number>
  Number* take(std::size_t count) {
    bytes_ += count * sizeof(Number);
    return nullptr;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

// A thread's working memory for one call: taken piece by piece, aligned to 64 bytes, not zeroed. The thread keeps it
// for later calls. One at a time for each thread.
class Scratch {
 public:
  // Has room for `bytes` in at most kPieces pieces.
  explicit Scratch(std::size_t bytes) {
    const std::size_t floats = (bytes + kPieces * kAlignment) / sizeof(float);
    if (memory().size() < floats) memory() = AlignedFloats(floats);
    next_ = reinterpret_cast<std::byte*>(memory().data());
  }

  template <typename Number>
  Number* take(std::size_t count) {
    auto* piece = reinterpret_cast<Number*>(next_);
    next_ += (count * sizeof(Number) + kAlignment - 1) / kAlignment * kAlignment;
    return piece;
  }

 private:
  static constexpr std::size_t kPieces = 24, kAlignment = 64;
  static AlignedFloats& memory() {
    thread_local AlignedFloats floats;
    return floats;
  }
  std::byte* next_;
};

}  // namespace continuo::kernels
