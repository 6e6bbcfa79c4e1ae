#pragma once

#include <algorithm>
#include <cstdint>

#include <torch/types.h>

#include "continuo/kernels/dropout.h"

namespace continuo::neural {

// Which units one application of dropout leaves out: a function of (seed, index) alone, so that nothing is stored for
// the backward pass and the number of threads does not matter.
struct Drop {
  double probability = 0;  // Range: [0, 1); 0 drops nothing
  std::uint64_t seed = 0;
  std::int64_t first_row = 0;  // the number of row 0 in its batch; units are counted from row 0 of that
};

inline kernels::DropRule rule_of(const Drop& drop, std::int64_t units_per_row) {
  if (drop.probability == 0) return {};
  kernels::DropRule rule = kernels::drop_rule(drop.probability, drop.seed);
  rule.first = static_cast<std::uint32_t>(drop.first_row * units_per_row);
  return rule;
}
// Of the units of a tensor. Shape: x [rows, ...].
inline kernels::DropRule rule_of(const Drop& drop, const torch::Tensor& x) {
  return rule_of(drop, x.numel() / std::max<std::int64_t>(x.size(0), 1));
}

}  // namespace continuo::neural
