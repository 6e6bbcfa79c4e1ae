#include "masked_spans.h"

#include <algorithm>
#include <cmath>

#include "continuo/base/rng.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::metrics {
namespace {

constexpr double kMaskedShare = 0.15;
constexpr std::size_t kLongestSpan = 10;
constexpr double kSpanEnds = 1.0 / 3;

std::size_t span_length(Rng& rng) {
  std::size_t length = 1;
  while (length < kLongestSpan && rng.uniform() >= kSpanEnds) ++length;
  return length;
}

}  // namespace

std::vector<std::size_t> mask_spans(std::span<TokenId> window, std::uint64_t seed) {
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < window.size(); ++i)
    if (window[i] != tokens::kBos && window[i] != tokens::kPad) candidates.push_back(i);
  if (candidates.empty()) return {};
  const auto wanted = std::max<std::size_t>(1, std::size_t(std::llround(kMaskedShare * double(candidates.size()))));
  std::vector<std::size_t> places;
  Rng rng(seed);
  while (places.size() < wanted) {
    std::size_t at = rng.below(candidates.size());
    for (auto left = span_length(rng); left > 0 && at < candidates.size() && places.size() < wanted; --left, ++at) {
      TokenId& token = window[candidates[at]];
      if (token == tokens::kMask) continue;
      token = tokens::kMask;
      places.push_back(candidates[at]);
    }
  }
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace continuo::metrics
