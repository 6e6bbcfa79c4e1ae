#include "masking.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "continuo/dataset/windows.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::train {
namespace {

constexpr double kUsualShare = 0.15;
constexpr double kSpanEnds = 1.0 / 3.0;  // after each token; mean length 3
constexpr std::size_t kLongestSpan = 10;

double draw_share(MaskShare share, Rng& rng) {
  if (share == MaskShare::kFixed15 || rng.uniform() < 0.5) return kUsualShare;
  return kUsualShare + (1 - kUsualShare) * rng.uniform();
}

std::size_t draw_span(Rng& rng) {
  std::size_t length = 1;
  while (length < kLongestSpan && rng.uniform() >= kSpanEnds) ++length;
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
    const auto wanted =
        std::max<std::size_t>(1, std::size_t(std::llround(draw_share(share, rng) * double(places.size()))));
    for (std::size_t count = 0; count < wanted;) {
      std::size_t place = rng.below(places.size());
      for (std::size_t left = draw_span(rng); left > 0 && place < places.size() && count < wanted; --left, ++place) {
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
