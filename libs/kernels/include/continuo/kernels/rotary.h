#pragma once

#include <cstddef>
#include <vector>

#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// Rotary position embedding (RoPE): queries and keys are rotated by angles that grow with their position, so that their
// products depend on distances. Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding",
// 2021. The paper rotates pairs of neighbouring features; here feature i of the first half makes a pair with feature i
// of the second half, as in GPT-NeoX and Llama.
namespace continuo::kernels {

// Cosines and sines of position * base^(-2 i / rotated), computed in double precision; at first row r is of position r.
struct RotaryTable {
  // Requires: `features` even.
  RotaryTable(std::size_t position_count, std::size_t features, double base = 10000);

  // Makes row `row` that of any position, for rotations to which it is that of `row`: positions have no end.
  // Requires: row < positions.
  void place(std::size_t row, std::size_t position) noexcept;

  std::size_t positions, rotated;
  std::vector<float> cosines, sines;  // [positions, rotated / 2]
  std::vector<double> frequencies;    // [rotated / 2]
};

// Number is float or Bf16.
template <typename Number>
struct Rotation {
  std::size_t rows = 0, heads = 0;
  std::size_t head_width = 0;  // Requires: at least table->rotated; features beyond that stay as they are
  std::size_t time = 0;        // rows of one sequence
  std::size_t offset = 0;      // row r has the position r % time + offset. Requires: below table->positions
  const RotaryTable* table = nullptr;
  bool inverse = false;    // rotates back: what the gradients of rotated rows need
  Matrix<Number> vectors;  // [rows, heads * head_width], rotated in place
};
// Split by rows: parts_of_rows().
template <typename Number>
void rotate(const Rotation<Number>& call, Part part);

}  // namespace continuo::kernels
