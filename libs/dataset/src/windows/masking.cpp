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
constexpr double kSpanEnds = 1.0 / 3.0;            // after each token; mean length 3
constexpr std::size_t kLongestSpan = 10;
constexpr double kGoldenRatio =
    0.61803398874989485;  // its multiples, modulo 1, are evenly spread however many there are

// Draws the masked ones of the tokens that may be masked.
class Masks {
 public:
  // `wanted` of `count` tokens. Range: wanted from 1 to count.
  Masks(std::size_t count, std::size_t wanted, Rng& rng) : chosen_(count, false), wanted_(wanted), rng_(rng) {}

  const std::vector<bool>& chosen() const { return chosen_; }

  // Each set of `wanted` tokens is as likely as any other.
  void draw_singles() {
    std::size_t left = wanted_;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      chosen_[i] = rng_.below(chosen_.size() - i) < left;
      left -= chosen_[i];
    }
  }
  void draw_spans() {
    for (std::size_t left = wanted_; left > 0;) {
      std::size_t place = rng_.below(chosen_.size());
      for (std::size_t i = draw_span(); i > 0 && place < chosen_.size() && left > 0; --i, ++place) {
        left -= !chosen_[place];
        chosen_[place] = true;
      }
    }
  }
  void draw_stretch() {
    const std::size_t first = rng_.below(chosen_.size() - wanted_ + 1);
    std::fill_n(chosen_.begin() + std::ptrdiff_t(first), wanted_, true);
  }
  // Some of the voices, in one stretch. Keeps at least one mask.
  void draw_voices(const std::vector<int>& voice_of, int voices) {
    draw_stretch();
    std::vector<bool> masked(std::size_t(voices), false);
    for (std::size_t i = 0, left = 1 + rng_.below(std::uint64_t(voices - 1)); i < masked.size(); ++i) {
      masked[i] = rng_.below(masked.size() - i) < left;
      left -= masked[i];
    }
    std::vector<bool> kept = chosen_;
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = kept[i] && masked[std::size_t(voice_of[i])];
    if (std::find(kept.begin(), kept.end(), true) != kept.end()) chosen_ = std::move(kept);
  }

 private:
  std::size_t draw_span() {
    std::size_t length = 1;
    while (length < kLongestSpan && rng_.uniform() >= kSpanEnds) ++length;
    return length;
  }

  std::vector<bool> chosen_;
  std::size_t wanted_;
  Rng& rng_;
};

// The voice of each token that may be masked. A window may begin in the middle of a piece: the first token's place is
// then not among `places`, and follows from the number of voices.
std::vector<int> voices_of(std::span<const MusicalPlace> places, const std::vector<std::size_t>& maskable, int voices) {
  std::vector<int> result;
  for (const std::size_t i : maskable) result.push_back((places[i].slot + voices - 1) % voices);
  return result;
}

void draw_for_training(std::span<const MusicalPlace> places, const std::vector<std::size_t>& maskable, Masks& masks,
                       Rng& rng) {
  enum Kind { kSingles, kAlsoSingles, kSpans, kStretch };
  switch (static_cast<Kind>(rng.below(4))) {
    case kSingles:
    case kAlsoSingles:
      return masks.draw_singles();
    case kSpans:
      return masks.draw_spans();
    case kStretch: {
      int voices = 1;
      for (const MusicalPlace& place : places) voices = std::max(voices, place.slot + 1);
      if (voices == 1) return masks.draw_stretch();
      return masks.draw_voices(voices_of(places, maskable, voices), voices);
    }
  }
}

// Range: [0, 1).
double draw_share(MaskRule rule, std::uint64_t window, Rng& rng, std::uint64_t seed) {
  if (rule == MaskRule::kTraining) return rng.uniform();
  Rng start(mix_seed(seed, kMaskStream));
  const double share = start.uniform() + kGoldenRatio * static_cast<double>(window);
  return share - std::floor(share);
}

}  // namespace

MaskCount mask_window(MaskRule rule, std::uint64_t seed, std::uint64_t window, std::span<const MusicalPlace> places,
                      std::span<std::int64_t> inputs, std::span<std::int64_t> targets) {
  std::vector<std::size_t> maskable;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] != tokens::kBos && inputs[i] != tokens::kPad) maskable.push_back(i);
  }
  std::fill(targets.begin(), targets.end(), kIgnore);
  MaskCount count{.masked = 0, .maskable = maskable.size()};
  if (maskable.empty()) return count;
  Rng rng(mix_seed(mix_seed(seed, kMaskStream), window));
  const double share = draw_share(rule, window, rng, seed);
  const auto wanted = std::min(maskable.size(), 1 + std::size_t(share * static_cast<double>(maskable.size())));
  Masks masks(maskable.size(), wanted, rng);
  rule == MaskRule::kTraining ? draw_for_training(places, maskable, masks, rng) : masks.draw_singles();
  for (std::size_t i = 0; i < maskable.size(); ++i) {
    if (!masks.chosen()[i]) continue;
    std::int64_t& input = inputs[maskable[i]];
    targets[maskable[i]] = input;
    input = tokens::kMask;
    ++count.masked;
  }
  return count;
}

}  // namespace continuo::dataset
