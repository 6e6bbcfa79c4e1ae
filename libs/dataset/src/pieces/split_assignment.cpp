#include "pieces/split_assignment.h"

#include <algorithm>

#include "continuo/base/rng.h"

namespace continuo::dataset {
namespace {

constexpr std::string_view kRuleStart = "by content hash, ";

// The first place on the line [0, 2^64) that no longer belongs to the first `percent` of it. Requires: below 100.
std::uint64_t place_at(int percent) { return static_cast<std::uint64_t>(percent / 100.0 * 18446744073709551616.0); }

// How many of the sorted places come before a cut.
std::ptrdiff_t count_before(const std::vector<std::uint64_t>& places, int percent) {
  if (percent >= 100) return std::ssize(places);
  return std::lower_bound(places.begin(), places.end(), place_at(percent)) - places.begin();
}

// Where the parts begin, counted in places.
struct Cuts {
  std::ptrdiff_t validation = 0, test = 0;
};

// Each cut is clamped so that the parts before and after it keep a place: training first, then validation, then test,
// as far as there are places and the part has a share.
Cuts cuts_of(const std::vector<std::uint64_t>& places, const SplitShares& shares) {
  const std::ptrdiff_t count = std::ssize(places);
  const std::ptrdiff_t kept_for_validation = shares.validation > 0 ? 1 : 0;
  const std::ptrdiff_t before_test = std::min(1 + kept_for_validation, count);
  const std::ptrdiff_t kept_for_test = shares.test > 0 && count > before_test ? 1 : 0;
  Cuts cuts;
  cuts.test = std::clamp(count_before(places, shares.train + shares.validation), before_test, count - kept_for_test);
  const std::ptrdiff_t most_training = std::max(cuts.test - kept_for_validation, std::min<std::ptrdiff_t>(1, count));
  cuts.validation = shares.validation == 0 ? cuts.test
                                           : std::clamp(count_before(places, shares.train),
                                                        std::min<std::ptrdiff_t>(1, count), most_training);
  return cuts;
}

}  // namespace

std::string hash_split_rule(const SplitShares& shares) { return std::string(kRuleStart) + shares.to_string(); }

std::optional<SplitShares> shares_of_rule(std::string_view rule) {
  if (!rule.starts_with(kRuleStart)) return std::nullopt;
  const auto shares = SplitShares::parse(rule.substr(kRuleStart.size()));
  return shares.ok() ? std::optional(*shares) : std::nullopt;
}

bool falls_into_training(std::uint64_t group, std::uint64_t seed, const SplitShares& shares) {
  return shares.train >= 100 || mix_seed(seed, group) < place_at(shares.train);
}

std::vector<Split> assign_splits(std::span<const std::uint64_t> groups, std::uint64_t seed, const SplitShares& shares) {
  std::vector<std::uint64_t> line;
  for (const std::uint64_t group : groups) line.push_back(mix_seed(seed, group));
  std::vector<std::uint64_t> places = line;
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  const Cuts cuts = cuts_of(places, shares);
  std::vector<Split> splits;
  for (const std::uint64_t place : line) {
    const auto rank = std::lower_bound(places.begin(), places.end(), place) - places.begin();
    splits.push_back(rank < cuts.validation ? Split::kTrain : rank < cuts.test ? Split::kValidation : Split::kTest);
  }
  return splits;
}

}  // namespace continuo::dataset
