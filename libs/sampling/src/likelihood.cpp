#include "continuo/sampling/likelihood.h"

#include "arithmetic.h"

namespace continuo::sampling {
namespace {

// Partial results, so that compilers work on as many numbers at once.
constexpr std::size_t kLanes = 8;

// Plus infinity counts as the largest number, what is no number not at all.
float best_of(std::span<const float> logits) {
  float lanes[kLanes];
  std::fill_n(lanes, kLanes, kNothing);
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] = logits[i + lane] > lanes[lane] ? logits[i + lane] : lanes[lane];
  for (; i < logits.size(); ++i) lanes[0] = logits[i] > lanes[0] ? logits[i] : lanes[0];
  return std::min(*std::max_element(lanes, lanes + kLanes), kLargest);
}

// exp(x), relative error below 1e-6, of x from -87 to 0; what is less, or no number, counts as -87, which is nothing
// beside 1. As exp_not_positive(), in single precision and without branches.
float quick_exp(float x) {
  constexpr float kLog2E = 1.44269504F, kLn2High = 6.93145752e-01F, kLn2Low = 1.42860677e-06F;
  constexpr float kRounding = 12582912.0F;  // 1.5 * 2^23
  x = x > -87.0F ? x : -87.0F;
  x = x < 0.0F ? x : 0.0F;
  const float shifted = x * kLog2E + kRounding;
  const float n = shifted - kRounding;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  const float sum = 1 + r * (1 + r * (0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720))))));
  const auto exponent = std::bit_cast<std::uint32_t>(shifted) << 23;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(sum) + exponent);
}

}  // namespace

double log_likelihood(std::span<const float> logits, TokenId token) {
  const float best = best_of(logits);
  if (best == kNothing) return -ln(double(logits.size()));
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += quick_exp(logits[i + lane] - best);
  double sum = 0;
  for (; i < logits.size(); ++i) sum += double(quick_exp(logits[i] - best));
  for (const float lane : lanes) sum += double(lane);
  return std::min(0.0, double(finite_or_nothing(logits[std::size_t(token)])) - double(best) - ln(sum));
}

}  // namespace continuo::sampling
