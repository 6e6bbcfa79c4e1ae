#pragma once

#include <span>

#include "../request/history.h"
#include "../request/request.h"

namespace continuo::generate {

// Appends token after token to each history until the goal is reached and nothing is open: history i with the seed + i,
// as it would alone, all of them as one batch. Requires: the histories are equal.
// Errors: interrupted; unsupported (the model is not causal).
Status continue_histories(const Request& request, std::span<History> histories);

}  // namespace continuo::generate
