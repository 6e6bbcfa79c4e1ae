#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/token_id.h"

namespace continuo::metrics {

// Hides 15 % of a window's tokens, at least one, in spans of 3 on average and 10 at most, chosen by `seed`, as training
// does. BOS stays. Replaces them by MASK and returns their places, in order. Requires: no MASK in `window`.
// Source: span lengths as in Joshi et al., "SpanBERT", arXiv 1907.10529, section 3.1, with p = 1/3.
std::vector<std::size_t> mask_spans(std::span<TokenId> window, std::uint64_t seed);

}  // namespace continuo::metrics
