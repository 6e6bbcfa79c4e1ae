#pragma once

#include <cstddef>
#include <span>

#include "continuo/kernels/part.h"

// What an optimiser does with weights and their gradients.
namespace continuo::kernels {

// One step of Adam with decoupled weight decay. Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
// 2019, algorithm 2.
struct AdamwFactors {
  float beta1 = 0.9F, beta2 = 0.98F, epsilon = 1e-8F;
  float gradient = 1;           // that gradients are multiplied by: clipping
  float decay = 1;              // that values are multiplied by: 1 - learning rate * weight decay
  float step_size = 0;          // learning rate / (1 - beta1^step)
  float second_correction = 1;  // 1 / (1 - beta2^step)
};
struct AdamwState {
  std::span<float> values;
  float *first_moment, *second_moment;
  const float* gradient;
};
// Split by numbers: parts_of_numbers().
void adamw(const AdamwState& state, const AdamwFactors& factors, Part part);

// The sum of squares in double precision, formed by chunks of a fixed size: the same for any number of threads.
// Shape: sums [sum_of_squares_chunks(values.size())]; the total is their sum in order.
inline constexpr std::size_t kSumOfSquaresChunk = std::size_t{1} << 15;  // Units: numbers. No part is smaller
constexpr std::size_t sum_of_squares_chunks(std::size_t count) {
  return (count + kSumOfSquaresChunk - 1) / kSumOfSquaresChunk;
}
constexpr Parts parts_of_sum_of_squares(std::size_t count) { return {parts_for(count, kSumOfSquaresChunk)}; }
void sum_of_squares(std::span<const float> values, double* sums, Part part);

}  // namespace continuo::kernels
