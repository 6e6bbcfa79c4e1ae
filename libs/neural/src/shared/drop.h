#pragma once

#include <cstdint>

#include "continuo/kernels/dropout.h"

namespace continuo::neural {

// Which units one application of dropout leaves out: a function of (seed, index) alone, so that nothing is stored for
// the backward pass and the number of threads does not matter.
struct Drop {
  double probability = 0;  // Range: [0, 1); 0 drops nothing
  std::uint64_t seed = 0;
};

inline kernels::DropRule rule_of(const Drop& drop) {
  return drop.probability > 0 ? kernels::drop_rule(drop.probability, drop.seed) : kernels::DropRule{};
}

}  // namespace continuo::neural
