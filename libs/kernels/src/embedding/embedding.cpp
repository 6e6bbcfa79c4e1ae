#include "continuo/kernels/embedding.h"

#include <algorithm>

#include "memory/scratch.h"

namespace continuo::kernels {
namespace {

struct WordRange {
  std::size_t begin, end;
};

// The words of one part. All parts cost about the same: a word is cleared once and added to for each of its rows.
WordRange words_of(const EmbeddingGradient& c, Part part) {
  Scratch scratch(c.words * sizeof(std::size_t));
  auto* costs = scratch.take<std::size_t>(c.words);
  std::fill_n(costs, c.words, 1);
  for (std::size_t row = 0; row < c.rows; ++row) ++costs[c.ids[row]];
  std::size_t word = 0, cost = 0;
  const auto first_beyond = [&](std::size_t limit) {
    while (word < c.words && cost < limit) cost += costs[word++];
    return word;
  };
  const std::size_t begin = first_beyond(part.begin(c.rows + c.words));
  return {begin, first_beyond(part.end(c.rows + c.words))};
}

}  // namespace

void embed(const Embedding& call, Part part) {
  for (std::size_t row = part.begin(call.rows); row < part.end(call.rows); ++row) {
    const float* word = call.words.row(static_cast<std::size_t>(call.ids[row]));
    float* out = call.output.row(row);
    if (call.positions) {
      const float* position = call.positions.row(row % call.time);
      for (std::size_t i = 0; i < call.width; ++i) out[i] = word[i] + position[i];
    } else {
      std::copy_n(word, call.width, out);
    }
  }
}

void embedding_gradient(const EmbeddingGradient& call, Part part) {
  const auto [begin, end] = words_of(call, part);
  for (std::size_t word = begin; !call.accumulate && word < end; ++word) {
    std::fill_n(call.word_gradient.row(word), call.width, 0.0F);
  }
  for (std::size_t row = 0; row < call.rows; ++row) {
    const auto word = static_cast<std::size_t>(call.ids[row]);
    if (word < begin || word >= end) continue;
    const float* from = call.gradient.row(row);
    float* to = call.word_gradient.row(word);
    for (std::size_t i = 0; i < call.width; ++i) to[i] += from[i];
  }
}

}  // namespace continuo::kernels
