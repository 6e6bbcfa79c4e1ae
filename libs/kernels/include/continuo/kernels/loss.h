#pragma once

#include <cstddef>
#include <cstdint>

#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

namespace continuo::kernels {

// Cross-entropy: softmax and negative log-likelihood of rows of logits, and the gradient of the sum of all losses. With
// a smoothing s, the target's probability is (1 - s) + s / vocab and that of all other tokens s / vocab.
// Source: smoothing: Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.
// Number is float or Bf16.
template <typename Number>
struct CrossEntropy {
  std::size_t rows = 0, vocab = 0;
  Matrix<const float> logits;             // [rows, vocab]
  const std::int64_t* targets = nullptr;  // [rows]. Range: 0 to vocab - 1
  float* losses = nullptr;                // [rows]. Units: nats
  Matrix<Number> gradient;                // [rows, vocab], optional: softmax - the target's probabilities
  float smoothing = 0;                    // Range: [0, 1). 0: one at the target, zero elsewhere
};
// Split by rows: parts_of_rows().
template <typename Number>
void cross_entropy(const CrossEntropy<Number>& call, Part part);

}  // namespace continuo::kernels
