#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace continuo::kernels {

// Rows of a matrix that lie interleaved, so that one vector load brings the same column of many rows.
inline constexpr std::size_t kPanelRows = 32;

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

// The weights of y = W x + b in the order in which the kernels read them; how that is stays their own affair.
// Immutable. Thread-safe. Moves, does not copy.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  // Shape: weights [rows, columns] row-major; bias [rows], or empty for none.
  PackedMatrix(std::size_t rows, std::size_t columns, std::span<const float> weights, std::span<const float> bias);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  // Work is split among threads by panels. Each output is summed in the same order whatever the split.
  std::size_t panels() const { return (rows_ + kPanelRows - 1) / kPanelRows; }
  std::size_t bytes() const { return weights_.size() * sizeof(float); }

  // Shape: [columns, kPanelRows] of this panel; rows beyond the matrix are zero.
  const float* panel(std::size_t index) const { return weights_.data() + index * columns_ * kPanelRows; }
  const float* panel_bias(std::size_t index) const { return bias_.data() + index * kPanelRows; }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  AlignedFloats weights_;
  AlignedFloats bias_;
};

}  // namespace continuo::kernels
