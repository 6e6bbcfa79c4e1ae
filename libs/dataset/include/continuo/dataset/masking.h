#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "continuo/base/musical_place.h"

namespace continuo::dataset {

// Which tokens of a window are masked for a model that predicts masked tokens (BERT). In both rules the number of
// masked tokens is drawn from one to all with equal chances: composing by unmasking begins with nothing but MASK and
// passes through every number.
enum class MaskRule {
  // Half of the windows: single tokens at random places. A quarter: spans. A quarter: one stretch, as where bars are
  // rewritten, or, where the tokenisation has voices (MusicalPlace::slot), some of the voices, as where a melody is
  // harmonised.
  kTraining,
  // Single tokens at random places. The mean over windows of the mean NLL of a window's masked tokens is then what a
  // token costs on average when the window is filled token by token in a random order ("orderless"). The numbers of
  // neighbouring windows lie far apart, so that few windows give a steady figure.
  // Source: Uria, Murray and Larochelle, "A Deep and Tractable Density Estimator", 2014; Huang et al., "Counterpoint by
  // Convolution" (Coconet), 2017, section 4.
  kOrderless,
};

struct MaskCount {
  std::size_t masked = 0;
  std::size_t maskable = 0;  // all tokens but BOS and PAD

  // Of each masked token, so that a window counts by its length and not by the number of its masks.
  double weight() const { return masked == 0 ? 0 : static_cast<double>(maskable) / static_cast<double>(masked); }
};

// The window number `window`, counted from 0 over a split, with the masks that (rule, seed, window) name. Masked inputs
// become MASK; targets keep the original token at masked places and become kIgnore elsewhere. BOS and PAD are never
// masked. At least one token is masked if there is one that may be. Every masked token becomes MASK, none a random or
// unchanged one, since while composing the model meets MASK or tokens that are decided.
//
// Spans have a mean length of 3 (geometric, cut at 10).
// Source: Devlin et al., "BERT", 2018; Joshi et al., "SpanBERT", arXiv 1907.10529, section 3.1, for spans;
// Ghazvininejad et al., "Mask-Predict", 2019, for the drawn share.
// Shape: inputs, targets [length]; places [length], of the token after each input, or empty. Requires: no MASK in
// inputs.
MaskCount mask_window(MaskRule rule, std::uint64_t seed, std::uint64_t window, std::span<const MusicalPlace> places,
                      std::span<std::int64_t> inputs, std::span<std::int64_t> targets);

}  // namespace continuo::dataset
