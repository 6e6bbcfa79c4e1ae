#pragma once

#include <cstdint>
#include <span>

namespace continuo::dataset {

// How much of a window is masked for a model that predicts masked tokens (BERT).
enum class MaskRule {
  // Three windows of four mask 15 % of their tokens one by one: their neighbours reveal much about them, so that a
  // model first learns where to look. The others mask a share from 15 to 100 %, smaller shares more often, in spans, so
  // that whole notes vanish and not only one token of each: composing by iterative unmasking starts from nothing but
  // MASK and passes through every share.
  kTraining,
  // 15 % in spans: what the trainer's validation and `continuo evaluate` measure.
  kValidation,
};

// The window number `window`, counted from 0 over a split, with the masks that (rule, seed, window) name. Masked inputs
// become MASK; targets keep the original token at masked places and become kIgnore elsewhere. BOS and PAD are never
// masked. At least one token is masked if there is one that may be. Every masked token becomes MASK, none a random or
// unchanged one, since while composing the model meets MASK or tokens that are decided.
//
// Spans have a mean length of 3 (geometric, cut at 10).
// Source: Devlin et al., "BERT", 2018; Joshi et al., "SpanBERT", arXiv 1907.10529, section 3.1, for spans;
// Ghazvininejad et al., "Mask-Predict", 2019, for the drawn share.
// Shape: inputs, targets [length]. Requires: no MASK in inputs.
void mask_window(MaskRule rule, std::uint64_t seed, std::uint64_t window, std::span<std::int64_t> inputs,
                 std::span<std::int64_t> targets);

}  // namespace continuo::dataset
