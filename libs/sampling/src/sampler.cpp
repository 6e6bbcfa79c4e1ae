#include "continuo/sampling/sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace continuo::sampling {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kNothing = -std::numeric_limits<float>::infinity();

// exp(x) for x <= 0, relative error below 1e-15; 0 where the result would be below 1e-300. Written out because
// the C library's last bit depends on the CPU it finds, and the same seed has to give the same music
// everywhere. exp(x) = 2^n exp(r), |r| <= ln(2)/2, the latter by its Taylor series.
double exp_not_positive(double x) {
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

float finite_or_nothing(float logit) {
  if (std::isnan(logit)) return kNothing;
  return std::min(logit, kLargest);
}

Error out_of_range(const char* what) { return {.code = ErrorCode::invalid_argument, .what = what}; }

}  // namespace

Status SamplerOptions::check() const {
  if (!(temperature >= 0) || !std::isfinite(temperature)) return out_of_range("the temperature has to be 0 or more");
  if (top_k < 0) return out_of_range("top-k has to be 0 (all) or more");
  if (!(top_p > 0 && top_p <= 1)) return out_of_range("top-p has to be above 0 and at most 1");
  if (!(min_p >= 0 && min_p < 1)) return out_of_range("min-p has to be at least 0 and below 1");
  if (!(typical > 0 && typical <= 1)) return out_of_range("typical has to be above 0 and at most 1");
  return {};
}

bool Sampler::comes_before(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

TokenId Sampler::sample(std::span<const float> logits, std::span<const std::uint8_t> legal, Rng& rng) {
  last_probability_ = 0;
  collect(logits, legal);
  if (candidates_.empty()) return -1;
  if (options_.temperature == 0) return take_best();
  keep_top_k();
  weigh(options_.temperature);
  keep_top_p();
  keep_min_p();
  keep_typical();
  return draw(rng);
}

void Sampler::collect(std::span<const float> logits, std::span<const std::uint8_t> legal) {
  candidates_.clear();
  candidates_.reserve(logits.size());
  ranked_.reserve(logits.size());
  best_logit_ = kNothing;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!legal.empty() && legal[i] == 0) continue;
    const float logit = finite_or_nothing(logits[i]);
    best_logit_ = std::max(best_logit_, logit);
    candidates_.push_back({.token = TokenId(i), .logit = logit, .weight = 0});
  }
  if (best_logit_ == kNothing) {
    for (Candidate& candidate : candidates_) candidate.logit = 0;
    best_logit_ = 0;
  }
}

void Sampler::weigh(double temperature) {
  for (Candidate& candidate : candidates_)
    candidate.weight = exp_not_positive((double(candidate.logit) - double(best_logit_)) / temperature);
}

double Sampler::total_weight() const {
  double total = 0;
  for (const Candidate& candidate : candidates_) total += candidate.weight;
  return total;
}

void Sampler::keep_top_k() {
  const auto k = std::size_t(options_.top_k);
  if (k == 0 || k >= candidates_.size()) return;
  ranked_ = candidates_;
  const auto last = ranked_.begin() + std::ptrdiff_t(k - 1);
  std::nth_element(ranked_.begin(), last, ranked_.end(), comes_before);
  std::erase_if(candidates_, [last](const Candidate& candidate) { return comes_before(*last, candidate); });
}

// Keeps the first candidates, in the order of `before`, whose mass reaches `share` of all. Halves the range that holds
// the last of them, by rank, until it is small enough to sort: linear on average.
template <typename Before>
void Sampler::keep_mass(double share, const Before& before) {
  constexpr double kRoundingOfSums = 1e-12;
  constexpr std::ptrdiff_t kSmallRange = 16;
  double missing = (share - kRoundingOfSums) * total_weight();
  ranked_ = candidates_;
  auto first = ranked_.begin(), end = ranked_.end();
  while (end - first > kSmallRange) {
    const auto middle = first + (end - first) / 2;
    std::nth_element(first, middle, end, before);
    double mass = 0;
    for (auto next = first; next != middle; ++next) mass += next->weight;
    if (mass >= missing) {
      end = middle;
    } else {
      missing -= mass;
      first = middle;
    }
  }
  std::sort(first, end, before);
  for (; first + 1 != end && first->weight < missing; ++first) missing -= first->weight;
  std::erase_if(candidates_, [&before, last = *first](const Candidate& candidate) { return before(last, candidate); });
}

void Sampler::keep_top_p() {
  if (options_.top_p < 1) keep_mass(options_.top_p, comes_before);
}

void Sampler::keep_min_p() {
  if (options_.min_p <= 0) return;
  std::erase_if(candidates_, [this](const Candidate& candidate) { return candidate.weight < options_.min_p; });
}

// With x the logit above the best one's, over the temperature, and Z the sum of the weights, the information of a token
// is ln Z - x and the entropy ln Z - (the mean of x), so that ln Z has no part in how far apart they are.
void Sampler::keep_typical() {
  if (options_.typical >= 1) return;
  const auto exponent = [this](const Candidate& candidate) {
    return (double(candidate.logit) - double(best_logit_)) / options_.temperature;
  };
  double sum = 0;
  for (const Candidate& candidate : candidates_)
    if (candidate.weight > 0) sum += candidate.weight * exponent(candidate);
  const double mean = sum / total_weight();
  const auto distance = [&](const Candidate& candidate) { return std::abs(exponent(candidate) - mean); };
  keep_mass(options_.typical, [&](const Candidate& a, const Candidate& b) {
    const double of_a = distance(a), of_b = distance(b);
    return of_a != of_b ? of_a < of_b : comes_before(a, b);
  });
}

TokenId Sampler::take_best() {
  const auto best = std::min_element(candidates_.begin(), candidates_.end(), comes_before);
  weigh(1.0);
  last_probability_ = best->weight / total_weight();
  return best->token;
}

TokenId Sampler::draw(Rng& rng) {
  const double total = total_weight();
  double left = rng.uniform() * total;
  const Candidate* chosen = nullptr;
  for (const Candidate& candidate : candidates_) {
    if (candidate.weight <= 0) continue;
    chosen = &candidate;
    left -= candidate.weight;
    if (left < 0) break;
  }
  last_probability_ = chosen->weight / total;
  return chosen->token;
}

}  // namespace continuo::sampling
