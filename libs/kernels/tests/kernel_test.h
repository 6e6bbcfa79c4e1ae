#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/kernels/activation.h"
#include "continuo/kernels/isa.h"
#include "continuo/kernels/number_types.h"

namespace continuo::kernels {

inline std::vector<float> random_floats(Rng& rng, std::size_t count, double reach = 1.0) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>((rng.uniform() * 2 - 1) * reach);
  return values;
}

template <typename Number>
std::vector<Number> as_numbers(const std::vector<float>& values) {
  std::vector<Number> numbers(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) numbers[i] = number_from<Number>(values[i]);
  return numbers;
}

constexpr Activation kActivations[] = {Activation::kNone, Activation::kGelu, Activation::kGeluTanh, Activation::kSilu,
                                       Activation::kRelu2};

// By the definition.
inline double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2.0 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kRelu2:
      return x > 0 ? x * x : 0;
  }
  return x;
}
inline double derivative(Activation activation, double x) {
  constexpr double kStep = 1e-5;
  return (activate(activation, x + kStep) - activate(activation, x - kStep)) / (2 * kStep);
}

// What an activation multiplies the error of its input by, where it enlarges it.
inline double steepness(Activation activation, double x) { return std::max(1.0, std::abs(derivative(activation, x))); }

// Lengths around the vector and panel widths.
inline const std::vector<std::size_t> kOddLengths = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257};

// Runs its tests once for each instruction set of this CPU.
class EveryIsa : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    before_ = active_isa();
    ASSERT_TRUE(use_isa(GetParam()));
  }
  void TearDown() override { use_isa(before_); }

 private:
  Isa before_ = Isa::kScalar;
};

inline std::string isa_test_name(const ::testing::TestParamInfo<Isa>& info) {
  return std::string(to_string(info.param));
}

// What a computed number may differ from a sum of `terms` products of about 1.
inline double sum_tolerance(std::size_t terms) { return 1e-6 * (1.0 + std::sqrt(static_cast<double>(terms))); }

}  // namespace continuo::kernels
