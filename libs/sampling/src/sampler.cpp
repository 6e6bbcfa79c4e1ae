#include "continuo/sampling/sampler.h"

#include <algorithm>
#include <cmath>

#include "arithmetic.h"

namespace continuo::sampling {
namespace {

Error out_of_range(const char* what) { return {.code = ErrorCode::invalid_argument, .what = what}; }

}  // namespace

Status SamplerOptions::check() const {
  if (!(temperature >= 0) || !std::isfinite(temperature)) return out_of_range("the temperature has to be 0 or more");
  if (top_k < 0) return out_of_range("top-k has to be 0 (all) or more");
  if (!(top_p > 0 && top_p <= 1)) return out_of_range("top-p has to be above 0 and at most 1");
  if (!(min_p >= 0 && min_p < 1)) return out_of_range("min-p has to be at least 0 and below 1");
  if (!(typical > 0 && typical <= 1)) return out_of_range("typical has to be above 0 and at most 1");
  for (const double own : groups.temperatures)
    if (!(own >= 0) || !std::isfinite(own)) return out_of_range("the temperature of a group has to be 0 or more");
  for (const std::size_t group : groups.group)
    if (group > groups.temperatures.size()) return out_of_range("a group of tokens has no temperature");
  return {};
}

bool SamplerOptions::is_by_chance() const {
  return temperature > 0 ||
         std::any_of(groups.temperatures.begin(), groups.temperatures.end(), [](double own) { return own > 0; });
}

bool Sampler::comes_before(const Candidate& a, const Candidate& b) {
  return a.exponent != b.exponent ? a.exponent > b.exponent : a.token < b.token;
}

TokenId Sampler::sample(std::span<const float> logits, std::span<const std::uint8_t> legal, Rng& rng) {
  last_probability_ = 0;
  collect(logits, legal);
  if (candidates_.empty()) return -1;
  if (options_.temperature == 0) {
    scale(1);
    const Candidate best = *std::min_element(candidates_.begin(), candidates_.end(), comes_before);
    if (own_temperature(best) == 0) return take_best();
    keep_group(group_of(best.token));
    scale(own_temperature(best));
  } else {
    scale(options_.temperature);
    temper_groups();
  }
  keep_top_k();
  weigh();
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
    candidates_.push_back({.token = TokenId(i), .logit = logit, .exponent = 0, .weight = 0});
  }
  if (best_logit_ == kNothing) {
    for (Candidate& candidate : candidates_) candidate.logit = 0;
    best_logit_ = 0;
  }
}

std::size_t Sampler::group_of(TokenId token) const {
  const auto& group = options_.groups.group;
  return std::size_t(token) < group.size() ? group[std::size_t(token)] : 0;
}

double Sampler::own_temperature(const Candidate& candidate) const {
  const std::size_t group = group_of(candidate.token);
  return group == 0 ? options_.temperature : options_.groups.temperatures[group - 1];
}

void Sampler::scale(double temperature) {
  for (Candidate& candidate : candidates_)
    candidate.exponent = (double(candidate.logit) - double(best_logit_)) / temperature;
}

void Sampler::keep_group(std::size_t group) {
  std::erase_if(candidates_, [&](const Candidate& candidate) { return group_of(candidate.token) != group; });
}

// Shares out the mass that a group has at the common temperature as its own temperature would. A group so improbable
// that it has none is left out.
void Sampler::temper(std::size_t group, double temperature) {
  const Candidate* best = nullptr;
  double mass = 0;
  for (const Candidate& candidate : candidates_) {
    if (group_of(candidate.token) != group) continue;
    mass += exp_not_positive(candidate.exponent);
    if (best == nullptr || candidate.logit > best->logit) best = &candidate;
  }
  if (best == nullptr) return;
  const Candidate first = *best;
  const auto own_exponent = [&](const Candidate& candidate) {
    if (temperature == 0) return candidate.token == first.token ? 0.0 : double(kNothing);
    return (double(candidate.logit) - double(first.logit)) / temperature;
  };
  double own_mass = 0;
  for (const Candidate& candidate : candidates_)
    if (group_of(candidate.token) == group) own_mass += exp_not_positive(own_exponent(candidate));
  const double offset = mass > 0 ? ln(mass) - ln(own_mass) : 0;
  for (Candidate& candidate : candidates_)
    if (group_of(candidate.token) == group)
      candidate.exponent = mass > 0 ? own_exponent(candidate) + offset : double(kNothing);
}

void Sampler::temper_groups() {
  if (options_.groups.temperatures.empty()) return;
  for (std::size_t i = 0; i < options_.groups.temperatures.size(); ++i) temper(i + 1, options_.groups.temperatures[i]);
  std::erase_if(candidates_, [](const Candidate& candidate) { return candidate.exponent == double(kNothing); });
  double best = double(kNothing);
  for (const Candidate& candidate : candidates_) best = std::max(best, candidate.exponent);
  for (Candidate& candidate : candidates_) candidate.exponent -= best;
}

void Sampler::weigh() {
  for (Candidate& candidate : candidates_) candidate.weight = exp_not_positive(candidate.exponent);
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

// With Z the sum of the weights, the information of a token is ln Z - exponent, and the entropy ln Z - (the mean of the
// exponents), so that ln Z has no part in how far apart they are.
void Sampler::keep_typical() {
  if (options_.typical >= 1) return;
  double sum = 0;
  for (const Candidate& candidate : candidates_)
    if (candidate.weight > 0) sum += candidate.weight * candidate.exponent;
  const double mean = sum / total_weight();
  const auto distance = [&](const Candidate& candidate) { return std::abs(candidate.exponent - mean); };
  keep_mass(options_.typical, [&](const Candidate& a, const Candidate& b) {
    const double of_a = distance(a), of_b = distance(b);
    return of_a != of_b ? of_a < of_b : comes_before(a, b);
  });
}

TokenId Sampler::take_best() {
  const auto best = std::min_element(candidates_.begin(), candidates_.end(), comes_before);
  weigh();
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
