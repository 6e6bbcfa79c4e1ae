#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "continuo/kernels/attention.h"
#include "continuo/kernels/isa.h"

namespace continuo::kernels {

// One instruction set's attention.
template <typename Number>
struct AttentionTable {
  void (*forward)(const AttentionForward<Number>&, Part);
  void (*backward)(const AttentionBackward<Number>&, Part);
};

// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const AttentionTable<Number>* simd_attention_table(Isa isa);
template <typename Number>
const AttentionTable<Number>& scalar_attention_table();

// Which keys, of `count` from `first` on, the query at `position` attends to by the causal mask and the window.
inline Range visible_keys(const AttentionShape& shape, std::size_t position, std::size_t first, std::size_t count) {
  if (!shape.causal) return {0, count};
  const std::size_t end = position + 1 > first ? position + 1 - first : 0;
  const std::size_t before = shape.window > 0 && position + 1 > shape.window ? position + 1 - shape.window : 0;
  const std::size_t begin = before > first ? before - first : 0;
  return {std::min(begin, count), std::min(end, count)};
}

// The row of the key that belongs to a query's and a key's position.
template <typename Number>
std::size_t distance_row(const DistanceKeys<Number>& distances, std::size_t position, std::size_t key) {
  if (key > position) return distances.ahead - (key - position < distances.ahead ? key - position : distances.ahead);
  return distances.ahead + (position - key < distances.behind ? position - key : distances.behind);
}

// The index of an attention weight, by which dropout decides.
inline std::uint32_t weight_index(const AttentionShape& shape, std::size_t batch, std::size_t head, std::size_t query,
                                  std::size_t key) {
  return static_cast<std::uint32_t>(((batch * shape.n_heads + head) * shape.queries + query) * shape.keys + key);
}

}  // namespace continuo::kernels
