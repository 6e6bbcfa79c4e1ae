#pragma once

#include <cstdint>
#include <span>

#include "continuo/base/rng.h"

namespace continuo::train {

// Hides words of one window for a bidirectional model: hidden inputs become MASK, targets stay at hidden places and are
// ignored elsewhere. BOS is never hidden.
//
// In training three windows of four hide 15 % of their tokens one by one, whose neighbours tell much about them: from
// those a model first learns where to look. The others hide a share from 15 to 100 %, smaller ones more often, in spans
// of a mean length of 3 (geometric, cut at 10), so that whole notes vanish and not only one word of each: composing by iterative
// unmasking starts from nothing but MASK, and meets every share on its way. Validation hides 15 % in spans. Every hidden
// token becomes MASK (no random or unchanged words), since what composing shows the model is MASK or believed.
// Source: Devlin et al., "BERT", 2018; Joshi et al., "SpanBERT", 2020, for spans; Ghazvininejad et al., "Mask-Predict",
// 2019, for the drawn share.
enum class MaskShare { kTraining, kFixed15 };

// Requires: inputs and targets of the window's length. At least one token is hidden if there is one other than BOS.
void mask_window(MaskShare share, Rng rng, std::span<std::int64_t> inputs, std::span<std::int64_t> targets);

}  // namespace continuo::train
