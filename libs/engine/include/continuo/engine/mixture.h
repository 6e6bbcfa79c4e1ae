#pragma once

#include <memory>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/engine/model.h"

namespace continuo::engine {

// Models of one vocabulary as one: a token is as probable as it is on average for them. Where they err differently the
// mean is surer than each. Its logits are natural logarithms of these probabilities; its context is the shortest of
// theirs. It takes the time and memory of all.
// Errors: incompatible (another vocabulary, masking or musical places than the first), unsupported (a model with a
// memory). Requires: at least one model.
Result<std::shared_ptr<const Model>> mixture_of(std::vector<std::shared_ptr<const Model>> models);

}  // namespace continuo::engine
