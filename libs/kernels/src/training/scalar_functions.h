#pragma once

#include <cmath>

#include "continuo/kernels/linear.h"

// Activations and their derivatives in plain C++.
namespace continuo::kernels {

inline float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

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
