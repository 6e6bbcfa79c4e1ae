#pragma once

#include <cstddef>
#include <memory>

namespace continuo::kernels {

// Floats aligned to 64 bytes, zero at first, on huge pages when there are many. Moves, does not copy.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(std::size_t count);
  float* data() { return memory_.get(); }
  const float* data() const { return memory_.get(); }
  std::size_t size() const { return count_; }
  float& operator[](std::size_t index) { return memory_.get()[index]; }
  const float& operator[](std::size_t index) const { return memory_.get()[index]; }

 private:
  struct Release {
    std::size_t bytes;
    void operator()(float* memory) const;
  };
  std::unique_ptr<float, Release> memory_;
  std::size_t count_ = 0;
};

}  // namespace continuo::kernels
