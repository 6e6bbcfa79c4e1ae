#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace continuo::sampling {

inline constexpr float kLargest = std::numeric_limits<float>::max();
inline constexpr float kNothing = -std::numeric_limits<float>::infinity();

// exp(x) for x <= 0, relative error below 1e-15; 0 where the result would be below 1e-300. Written out because
// the C library's last bit depends on the CPU it finds, and the same seed has to give the same music
// everywhere. exp(x) = 2^n exp(r), |r| <= ln(2)/2, the latter by its Taylor series.
inline double exp_not_positive(double x) {
  if (!(x > -690.0)) return 0.0;
  constexpr double kLog2E = 1.4426950408889634074;
  constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
  constexpr double kRounding = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer in the low bits
  const double shifted = x * kLog2E + kRounding;
  const double n = shifted - kRounding;
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1.0 / 479001600;
  for (const double factor : {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
                              1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
    sum = sum * r + factor;
  const auto exponent = std::bit_cast<std::uint64_t>(shifted) << 52;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(sum) + exponent);
}

// The natural logarithm of a normal number, relative error below 1e-15; written out for the same reason.
// ln(2^n m) = n ln 2 + 2 artanh((m - 1) / (m + 1)), sqrt(1/2) <= m < sqrt(2), the latter by its series.
inline double ln(double x) {
  constexpr double kLn2 = 6.93147180559945309417e-01, kSqrt2 = 1.41421356237309504880;
  constexpr std::uint64_t kFraction = (std::uint64_t(1) << 52) - 1, kExponentOfOne = std::uint64_t(1023) << 52;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto n = double(std::int64_t(bits >> 52) - 1023);
  auto m = std::bit_cast<double>((bits & kFraction) | kExponentOfOne);
  if (m >= kSqrt2) {
    m /= 2;
    n += 1;
  }
  const double s = (m - 1) / (m + 1), square = s * s;
  double sum = 0;
  for (int k = 25; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return n * kLn2 + 2 * s * sum;
}

// What a logit counts as: no number as minus infinity, plus infinity as the largest float.
inline float finite_or_nothing(float logit) {
  if (std::isnan(logit)) return kNothing;
  return std::min(logit, kLargest);
}

}  // namespace continuo::sampling
