#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "../cells/cell_writer.h"
#include "../infill/bar_lines.h"
#include "../request/request.h"
#include "../splice/splice.h"
#include "primer.h"
#include "task.h"

namespace continuo::generate {

// Whether single tracks of single bars can be asked of this model: it is causal, and its tokenisation has track cells.
bool can_write_cells(const Composer& composer);

// What such a model is asked for, by the options, in bars [begin, end) of the piece.
CellPlan cell_plan(const ComposeOptions& options, std::vector<tokens::CellBar> bars, std::size_t begin,
                   std::size_t end);

// Notes in `result` which tokens were written, and sorts its score, to which their notes have been added.
void finish(std::span<const std::vector<tokens::TrackCell>> written, Composition& result);

// Where bars [begin, end) of the tokens begin in the primer, and where the last one ends. Units: its ticks.
std::vector<score::Ticks> lines_in(const TickMapping& to_primer, const TokenBarLines& lines, std::size_t begin,
                                   std::size_t end);

// Composes new bars after the primer, in its own tracks: as many as the options ask for.
Status extend_cells(const Request& request, const Primer& primer, std::span<Composition> results);

// Rewrites the bars that the options name, in the tracks that they name.
Status fill_cells(const Request& request, const Primer& primer, std::span<Composition> results);

}  // namespace continuo::generate
