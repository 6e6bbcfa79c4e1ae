#include "bar_budget.h"

#include <algorithm>
#include <numeric>

namespace continuo::generate {
namespace {

constexpr int kLeast = 6;  // a note with its position and instrument, and one more
constexpr int kUsual = 24, kSpread = 8;
constexpr std::size_t kLatestBars = 16;

}  // namespace

BarBudget::BarBudget(std::span<const TokenId> primer, const TokenFacts& facts, bool by_chance) : by_chance_(by_chance) {
  for (const TokenId token : primer) {
    if (facts.begins_bar(token))
      seen_.push_back(0);
    else if (!seen_.empty())
      ++seen_.back();
  }
  if (seen_.size() > kLatestBars) seen_.erase(seen_.begin(), seen_.end() - std::ptrdiff_t(kLatestBars));
}

int BarBudget::draw(Rng& rng) const {
  if (seen_.empty()) return by_chance_ ? kUsual - kSpread + int(rng.below(2 * kSpread + 1)) : kUsual;
  if (by_chance_) return std::max(kLeast, seen_[rng.below(seen_.size())]);
  return std::max(kLeast, std::accumulate(seen_.begin(), seen_.end(), 0) / int(seen_.size()));
}

int BarBudget::near(int tokens, Rng& rng) const {
  const int spread = by_chance_ ? tokens / 5 : 0;
  return std::max(kLeast, tokens - spread + (spread > 0 ? int(rng.below(std::uint64_t(2 * spread + 1))) : 0));
}

}  // namespace continuo::generate
