#pragma once

#include <span>

#include "history.h"
#include "request.h"

namespace continuo::generate {

// Appends token after token to each history until the goal is reached and nothing is open: history i as the seed + i
// would alone, all of them in step. When the context is full the session starts again from its latest half.
// Requires: the histories are equal. Errors: interrupted; unsupported (the model is not causal).
Status write_causal(const Request& request, std::span<History> histories);

}  // namespace continuo::generate
