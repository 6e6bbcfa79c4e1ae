#pragma once

#include <cstddef>
#include <cstdint>

#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

namespace continuo::kernels {

// Cross-entropy: softmax and negative log-likelihood of rows of logits, and the gradient of the sum of all losses.
// Number is float or Bf16.
template <typename Number>
struct CrossEntropy {
  std::size_t rows = 0, vocab = 0;
  Matrix<const float> logits;             // [rows, vocab]
  const std::int64_t* targets = nullptr;  // [rows]. Range: 0 to vocab - 1
  float* losses = nullptr;                // [rows]. Units: nats
  Matrix<Number> gradient;                // [rows, vocab], optional: softmax - one at the target
};
// Split by rows: parts_of_rows().
template <typename Number>
void cross_entropy(const CrossEntropy<Number>& call, Part part);

}  // namespace continuo::kernels
