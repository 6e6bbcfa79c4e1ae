#pragma once

#include <cstddef>

#include "continuo/kernels/linear.h"

namespace continuo::kernels {

// The keys and values of one attention head, for up to `capacity` positions, in the order in which attend()
// reads them: keys so that a vector holds one feature of many positions (no sum runs across a vector), values
// so that one holds many features of a position. A view; the memory belongs to the caller.
struct HeadCache {
  float* keys = nullptr;    // key_floats() of them, aligned to 64 bytes
  float* values = nullptr;  // value_floats() of them, aligned to 64 bytes
  std::size_t capacity = 0;
  std::size_t head_width = 0;

  static std::size_t key_floats(std::size_t capacity, std::size_t head_width);
  static std::size_t value_floats(std::size_t capacity, std::size_t head_width);
};

// Puts `rows` keys and values at the positions from `position` on. Shape: keys, values [rows, head_width].
// Requires: position + rows <= capacity.
void append(const HeadCache& cache, std::size_t position, std::size_t rows, ConstRows keys, ConstRows values) noexcept;

struct AttentionCall {
  std::size_t rows = 1;       // queries
  std::size_t first = 0;      // position of the first query
  std::size_t positions = 0;  // that the cache holds
  bool causal = true;         // query r sees positions 0 to first + r, else all
  ConstRows queries;          // [rows, head_width]
  Rows output;                // [rows, head_width]
  float* scratch = nullptr;   // attention_scratch_floats(cache.capacity), aligned to 64 bytes
};

// output = softmax(queries keys^T / sqrt(head_width)) values, some rows at a time, so that memory grows with
// the number of positions and not with its square. Source: Vaswani et al., "Attention Is All You Need", 2017.
// Requires: causal calls have first + rows <= positions.
void attend(const HeadCache& cache, const AttentionCall& call) noexcept;
std::size_t attention_scratch_floats(std::size_t capacity);

}  // namespace continuo::kernels
