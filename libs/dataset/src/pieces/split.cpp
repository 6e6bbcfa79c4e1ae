#include "pieces/split.h"

#include <algorithm>

#include "continuo/base/rng.h"

namespace continuo::dataset {
namespace {

// The first place on the line [0, 2^64) that no longer belongs to a part of this share.
std::uint64_t place_at(double share) { return std::uint64_t(share * 18446744073709551616.0); }

}  // namespace

bool falls_into_training(std::uint64_t group, std::uint64_t seed) { return mix_seed(seed, group) < place_at(0.8); }

std::vector<Split> assign_splits(std::span<const std::uint64_t> groups, std::uint64_t seed) {
  std::vector<std::uint64_t> line;
  for (const std::uint64_t group : groups) line.push_back(mix_seed(seed, group));
  std::vector<std::uint64_t> places = line;
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());

  const auto below = [&](double share) {
    return std::lower_bound(places.begin(), places.end(), place_at(share)) - places.begin();
  };
  const auto count = std::ptrdiff_t(places.size());
  const auto first_test = std::clamp<std::ptrdiff_t>(below(0.9), std::min<std::ptrdiff_t>(2, count),
                                                     std::max(std::min<std::ptrdiff_t>(2, count), count - 1));
  const auto first_validation = std::clamp<std::ptrdiff_t>(below(0.8), std::min<std::ptrdiff_t>(1, count),
                                                           std::max<std::ptrdiff_t>(1, first_test - 1));
  std::vector<Split> splits;
  for (const std::uint64_t place : line) {
    const auto rank = std::lower_bound(places.begin(), places.end(), place) - places.begin();
    splits.push_back(rank < first_validation ? Split::kTrain : rank < first_test ? Split::kValidation : Split::kTest);
  }
  return splits;
}

}  // namespace continuo::dataset
