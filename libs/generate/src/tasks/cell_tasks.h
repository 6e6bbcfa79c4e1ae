#pragma once

#include <span>

#include "../request/request.h"
#include "primer.h"
#include "task.h"

namespace continuo::generate {

// Whether single tracks of single bars can be asked of this model: it is causal, and its tokenisation has track cells.
bool can_write_cells(const Composer& composer);

// Rewrites the bars that the options name, in the tracks that they name.
Status fill_cells(const Request& request, const Primer& primer, std::span<Composition> results);

}  // namespace continuo::generate
