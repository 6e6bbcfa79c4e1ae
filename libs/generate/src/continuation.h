#pragma once

#include <span>

#include "history.h"
#include "writing.h"

namespace continuo::generate {

// Writes token after token behind each history until the goal is reached and nothing is open: history i as the seed + i
// would alone, all of them in step. When the context is full the session starts again from its latest half.
// Requires: the histories are equal. Errors: interrupted; unsupported (the model is not causal).
Status write_causal(const Writing& writing, std::span<History> histories);

}  // namespace continuo::generate
