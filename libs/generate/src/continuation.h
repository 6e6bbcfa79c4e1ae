#pragma once

#include "history.h"
#include "writing.h"

namespace continuo::generate {

// Writes token after token behind `history` until the goal is reached and nothing is open. When the context is full
// the session starts again from its latest half. Errors: interrupted.
Status write_causal(const Writing& writing, History& history);

}  // namespace continuo::generate
