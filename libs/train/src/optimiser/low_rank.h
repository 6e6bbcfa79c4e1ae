#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "continuo/checkpoint/tensor_names.h"

namespace continuo::train {

// The matrices of one layer's tensor as low-rank changes of frozen ones: each matrix W [rows, columns] is W0 + B A,
// with A [rank, columns] and B [rows, rank], which alone are trained. A begins uniform within 1 / sqrt(columns) and B
// at zero, so that W begins as W0. The network has W in its place as any other weight: each step takes the gradient of
// W from it, moves A and B, and puts the new W there.
// Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022, section 4.1, with alpha = rank.
class LowRankMatrices {
 public:
  // `weights`: all W of the tensor, one below another, whose present values are W0. `seed`: of A.
  // Requires: spec.matrices is not empty; the memory of `weights` outlives this. Range: rank from 1 to
  // largest_rank(spec).
  LowRankMatrices(std::span<float> weights, const checkpoint::TensorSpec& spec, int rank, std::uint64_t seed);

  // All A of a tensor at the beginning, one below another, [matrices x rank, columns].
  static std::vector<float> initial_down(const checkpoint::TensorSpec& spec, int rank, std::uint64_t seed);
  // The smallest side of the tensor's matrices: a change of this rank is any change.
  static std::int64_t largest_rank(const checkpoint::TensorSpec& spec);

  // The present weights become W0.
  void begin_with_weights();
  // Gradients of A and B: dA = B^T dW, dB = dW A^T. Requires: the size of the weights.
  void project(std::span<const float> weight_gradient);
  // Puts W0 + B A in the weights' place. A function of W0, A and B alone, to the bit.
  void merge();

  // Shape: W0 as the tensor; A of all matrices, one below another, [matrices x rank, columns]; B [rows, rank].
  std::span<float> base() { return base_; }
  std::span<float> down() { return down_; }
  std::span<float> up() { return up_; }
  std::span<const float> down_gradient() const { return down_gradient_; }
  std::span<const float> up_gradient() const { return up_gradient_; }
  std::vector<std::int64_t> down_shape() const;
  std::vector<std::int64_t> up_shape() const;

 private:
  // Where one matrix is in the tensor.
  struct Place {
    std::size_t rows, first_weight, first_down, first_up;
  };

  std::span<float> weights_;
  std::size_t columns_, rank_;
  std::vector<Place> places_;
  std::vector<float> base_, down_, up_, down_gradient_, up_gradient_;
};

}  // namespace continuo::train
