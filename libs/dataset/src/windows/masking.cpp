#include "continuo/dataset/masking.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/dataset/windows.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

constexpr std::uint64_t kMaskStream = 0x6d61736b;  // keeps masks apart from other draws of the same seed
constexpr double kUsualShare = 0.15;
constexpr double kSingles = 0.75;        // of the windows
constexpr double kSpanEnds = 1.0 / 3.0;  // after each token; mean length 3
constexpr std::size_t kLongestSpan = 10;

// The share of a window that is masked, and the longest span of neighbours.
struct Plan {
  double share;
  std::size_t longest_span;
};

Plan draw_plan(MaskRule rule, Rng& rng) {
  if (rule == MaskRule::kValidation) return {kUsualShare, kLongestSpan};
  if (rng.uniform() < kSingles) return {kUsualShare, 1};
  const double drawn = rng.uniform();
  return {kUsualShare + (1 - kUsualShare) * drawn * drawn, kLongestSpan};
}

std::size_t draw_span(std::size_t longest, Rng& rng) {
  std::size_t length = 1;
  while (length < longest && rng.uniform() >= kSpanEnds) ++length;
  return length;
}

// Which tokens of a window are masked: spans at random places until the share is reached.
std::vector<bool> choose_masked(const Plan& plan, Rng& rng, std::span<const std::int64_t> inputs) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] != tokens::kBos && inputs[i] != tokens::kPad) places.push_back(i);
  }
  std::vector<bool> masked(inputs.size(), false);
  if (places.empty()) return masked;
  const double share = plan.share * static_cast<double>(places.size());
  const auto wanted = static_cast<std::size_t>(std::max(1LL, std::llround(share)));
  for (std::size_t count = 0; count < wanted;) {
    std::size_t place = rng.below(places.size());
    const std::size_t length = draw_span(plan.longest_span, rng);
    for (std::size_t i = 0; i < length && place < places.size() && count < wanted; ++i, ++place) {
      if (masked[places[place]]) continue;
      masked[places[place]] = true;
      ++count;
    }
  }
  return masked;
}

}  // namespace

void mask_window(MaskRule rule, std::uint64_t seed, std::uint64_t window, std::span<std::int64_t> inputs,
                 std::span<std::int64_t> targets) {
  Rng rng(mix_seed(mix_seed(seed, kMaskStream), window));
  const Plan plan = draw_plan(rule, rng);
  const std::vector<bool> masked = choose_masked(plan, rng, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    targets[i] = masked[i] ? inputs[i] : kIgnore;
    if (masked[i]) inputs[i] = tokens::kMask;
  }
}

}  // namespace continuo::dataset
