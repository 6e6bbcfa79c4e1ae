#pragma once

#include <cmath>

#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/packed_matrix.h"

// What the references in plain C++ share: activations, their derivatives, and where packed numbers lie.
namespace continuo::kernels {

inline float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

// Number (k, column) of a packed matrix.
template <typename Number>
constexpr std::size_t packed_index(std::size_t padded_depth, std::size_t k, std::size_t column) {
  constexpr std::size_t kStep = kGroup<Number>;
  return column / kPanelRows * kPanelRows * padded_depth + (k / kStep * kPanelRows + column % kPanelRows) * kStep +
         k % kStep;
}

inline float activated(Activation activation, float x) {
  if (activation == Activation::kGelu) return 0.5F * x * (1.0F + std::erf(x * 0.70710678F));
  if (activation == Activation::kGeluTanh) {
    return 0.5F * x * (1.0F + std::tanh(0.79788456F * (x + 0.044715F * x * x * x)));
  }
  return activation == Activation::kSilu ? x * sigmoid(x) : x;
}

inline float slope(Activation activation, float x) {
  if (activation == Activation::kGelu) {
    return 0.5F * (1.0F + std::erf(x * 0.70710678F)) + x * 0.39894228F * std::exp(-0.5F * x * x);
  }
  if (activation == Activation::kGeluTanh) {
    const float t = std::tanh(0.79788456F * (x + 0.044715F * x * x * x));
    return 0.5F * (1.0F + t) + 0.5F * x * (1.0F - t * t) * 0.79788456F * (1.0F + 0.134145F * x * x);
  }
  if (activation == Activation::kSilu) return sigmoid(x) * (1.0F + x * (1.0F - sigmoid(x)));
  return 1.0F;
}

}  // namespace continuo::kernels
