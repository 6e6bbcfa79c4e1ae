#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/training/attention.h"

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

// Which keys, of those from `first` on, the query at `position` sees: [begin, end) of `count`.
struct VisibleKeys {
  std::size_t begin, end;
};
inline VisibleKeys visible_keys(const AttentionShape& shape, std::size_t position, std::size_t first,
                                std::size_t count) {
  if (!shape.causal) return {0, count};
  const std::size_t end = position + 1 > first ? position + 1 - first : 0;
  const std::size_t hidden = shape.window > 0 && position + 1 > shape.window ? position + 1 - shape.window : 0;
  const std::size_t begin = hidden > first ? hidden - first : 0;
  return {begin < count ? begin : count, end < count ? end : count};
}

// The row of the key that belongs to a query's and a key's position.
template <typename Number>
std::size_t distance_row(const DistanceKeys<Number>& distances, std::size_t position, std::size_t key) {
  if (key > position) return distances.ahead - (key - position < distances.ahead ? key - position : distances.ahead);
  return distances.ahead + (position - key < distances.behind ? position - key : distances.behind);
}

// The dropout's number of a weight.
inline std::uint32_t weight_index(const AttentionShape& shape, std::size_t batch, std::size_t head, std::size_t query,
                                  std::size_t key) {
  return static_cast<std::uint32_t>(((batch * shape.heads + head) * shape.queries + query) * shape.keys + key);
}

}  // namespace continuo::kernels
