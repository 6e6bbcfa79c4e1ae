#pragma once

#include <algorithm>
#include <cmath>

#include "continuo/kernels/activation.h"

// Activations and their derivatives in plain C++.
namespace continuo::kernels {

inline float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

inline float gelu(float x) { return 0.5F * x * (1.0F + std::erf(x * 0.70710678F)); }
inline float gelu_derivative(float x) {
  return 0.5F * (1.0F + std::erf(x * 0.70710678F)) + x * 0.39894228F * std::exp(-0.5F * x * x);
}

inline float gelu_tanh(float x) { return 0.5F * x * (1.0F + std::tanh(0.79788456F * (x + 0.044715F * x * x * x))); }
inline float gelu_tanh_derivative(float x) {
  const float t = std::tanh(0.79788456F * (x + 0.044715F * x * x * x));
  return 0.5F * (1.0F + t) + 0.5F * x * (1.0F - t * t) * 0.79788456F * (1.0F + 0.134145F * x * x);
}

inline float silu(float x) { return x * sigmoid(x); }
inline float silu_derivative(float x) { return sigmoid(x) * (1.0F + x * (1.0F - sigmoid(x))); }

inline float relu(float x) { return std::max(x, 0.0F); }  // in this order, NaN stays NaN
inline float relu2(float x) { return relu(x) * relu(x); }
inline float relu2_derivative(float x) { return 2.0F * relu(x); }

inline float activated(Activation activation, float x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGelu:
      return gelu(x);
    case Activation::kGeluTanh:
      return gelu_tanh(x);
    case Activation::kSilu:
      return silu(x);
    case Activation::kRelu2:
      return relu2(x);
  }
  return x;
}

inline float derivative(Activation activation, float x) {
  switch (activation) {
    case Activation::kNone:
      return 1.0F;
    case Activation::kGelu:
      return gelu_derivative(x);
    case Activation::kGeluTanh:
      return gelu_tanh_derivative(x);
    case Activation::kSilu:
      return silu_derivative(x);
    case Activation::kRelu2:
      return relu2_derivative(x);
  }
  return 1.0F;
}

}  // namespace continuo::kernels
