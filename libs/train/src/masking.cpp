#include "masking.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "continuo/dataset/windows.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::train {
namespace {

constexpr double kUsualShare = 0.15;
constexpr double kSingles = 0.75;        // of the windows
constexpr double kSpanEnds = 1.0 / 3.0;  // after each token; mean length 3
constexpr std::size_t kLongestSpan = 10;

// How much of a window is hidden, in pieces of what length.
struct Plan {
  double share;
  std::size_t longest_span;
};

Plan draw_plan(MaskShare share, Rng& rng) {
  if (share == MaskShare::kFixed15) return {kUsualShare, kLongestSpan};
  if (rng.uniform() < kSingles) return {kUsualShare, 1};
  const double drawn = rng.uniform();
  return {kUsualShare + (1 - kUsualShare) * drawn * drawn, kLongestSpan};
}

std::size_t draw_span(std::size_t longest, Rng& rng) {
  std::size_t length = 1;
  while (length < longest && rng.uniform() >= kSpanEnds) ++length;
  return length;
}

}  // namespace

void mask_window(MaskShare share, Rng rng, std::span<std::int64_t> inputs, std::span<std::int64_t> targets) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] != tokens::kBos && inputs[i] != tokens::kPad) places.push_back(i);
  }
  std::vector<bool> hidden(inputs.size(), false);
  if (!places.empty()) {
    const Plan plan = draw_plan(share, rng);
    const auto wanted = std::max<std::size_t>(1, std::size_t(std::llround(plan.share * double(places.size()))));
    for (std::size_t count = 0; count < wanted;) {
      std::size_t place = rng.below(places.size());
      for (std::size_t left = draw_span(plan.longest_span, rng); left > 0 && place < places.size() && count < wanted;
           --left, ++place) {
        if (!hidden[places[place]]) hidden[places[place]] = true, ++count;
      }
    }
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    targets[i] = hidden[i] ? inputs[i] : dataset::kIgnore;
    if (hidden[i]) inputs[i] = tokens::kMask;
  }
}

}  // namespace continuo::train
