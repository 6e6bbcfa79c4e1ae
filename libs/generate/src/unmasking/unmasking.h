#pragma once

#include <cstdint>

#include "../request/history.h"
#include "../request/request.h"

namespace continuo::generate {

// Appends new music to `history` with a bidirectional model, block by block, until the goal is reached and nothing is
// open. Each block sees the latest half context before it. Errors: interrupted.
Status continue_by_unmasking(const Request& request, std::uint64_t seed, History& history);

}  // namespace continuo::generate
