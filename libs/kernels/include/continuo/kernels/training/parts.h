#pragma once

#include <algorithm>
#include <cstddef>

#include "continuo/kernels/training/attention.h"
#include "continuo/kernels/training/elementwise.h"
#include "continuo/kernels/training/embedding.h"
#include "continuo/kernels/training/linear.h"
#include "continuo/kernels/training/recurrent.h"
#include "continuo/kernels/training/rotary.h"

// Into how many parts the work of a call may be cut. Results never depend on it.
namespace continuo::kernels {

struct Parts {
  std::size_t most = 1;  // smaller ones would not be worth handing out
  bool repeats = false;  // each part repeats some work: one for each thread is best, while all threads come
};

// Rows of which each needs little work, and numbers of which each needs less.
inline constexpr std::size_t kRowsOfAPart = 64, kNumbersOfAPart = 16384;
constexpr std::size_t parts_for(std::size_t work, std::size_t of_a_part) {
  return std::max<std::size_t>(1, (work + of_a_part - 1) / of_a_part);
}
constexpr Parts parts_of_rows(std::size_t rows) { return {parts_for(rows, kRowsOfAPart)}; }
constexpr Parts parts_of_numbers(std::size_t count) { return {parts_for(count, kNumbersOfAPart)}; }

// Blocks of rows that share panels of weights stay together where there are enough of them.
template <typename Number>
Parts parts_of(const LinearProduct<Number>& call) {
  constexpr std::size_t kBlock = 48, kTogether = 4, kFew = 8;
  const std::size_t blocks = parts_for(call.rows, kBlock);
  return {std::max(parts_for(blocks, kTogether), std::min(blocks, kFew))};
}
// Each part packs all of the narrower side.
template <typename Number>
Parts parts_of(const WeightGradient<Number>& call) {
  constexpr std::size_t kColumns = 64;
  return {parts_for(std::max(call.inputs, call.outputs), kColumns), true};
}
inline Parts parts_of(const AttentionShape& shape) { return {shape.units()}; }
// Each part reads all weights at each step of time.
inline Parts parts_of(const SequenceShape& shape) { return {parts_for(shape.batch, 16), true}; }
// Each part looks at all rows.
inline Parts parts_of(const EmbeddingGradient& call) { return {parts_for(call.words, 16), true}; }

}  // namespace continuo::kernels
