#pragma once

#include <cstddef>
#include <cstdint>

#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// Rows of a table by number, and the gradient of the table.
namespace continuo::kernels {

struct Embedding {
  std::size_t rows = 0, width = 0;
  const std::int64_t* ids = nullptr;  // [rows]. Range: 0 to words - 1
  Matrix<const float> words;          // [words, width]
  std::size_t time = 0;               // rows of one sequence; only read with `positions`
  Matrix<const float> positions;      // [time, width], optional: row r % time is added
  Matrix<float> output;               // [rows, width]
};
// Split by rows: parts_of_rows().
void embed(const Embedding& call, Part part);

// The gradient of each word is the sum of its rows' in their order. That of positions is the same with r % time for
// ids.
struct EmbeddingGradient {
  std::size_t rows = 0, width = 0, words = 0;
  const std::int64_t* ids = nullptr;  // [rows]. Range: 0 to words - 1
  Matrix<const float> gradient;       // [rows, width]
  Matrix<float> word_gradient;        // [words, width]
  bool accumulate = false;            // adds to `word_gradient`
};
// Split by words, so that each part adds about as many rows. Each looks at all rows.
void embedding_gradient(const EmbeddingGradient& call, Part part);
inline Parts parts_of(const EmbeddingGradient& call) { return {parts_for(call.words, 16), true}; }

}  // namespace continuo::kernels
