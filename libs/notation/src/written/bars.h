#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "continuo/notation/diagnostics.h"

#include "score.h"

namespace continuo::notation::written {

// The bars of parts that are played together, as lay_out_bars() takes them.
struct SharedBars {
  std::vector<Navigation> navigation;
  std::vector<WrittenBar> bars;
  std::vector<Section> sections;  // of the first part that has any
};

// Repeats, endings and jumps of all parts, and their measures as bars. Requires: parts not empty.
SharedBars shared_bars(const WrittenScore& score, std::span<const Part* const> parts);

// Notes a bar that does not add up in its meter, at the first part that has it.
void report_odd_bar(const WrittenScore& score, std::span<const Part* const> parts, std::size_t index,
                    const WrittenBar& bar, Diagnostics& diagnostics);

}  // namespace continuo::notation::written
