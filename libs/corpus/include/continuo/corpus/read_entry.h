#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/source.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

// How many of what reading leaves out: "cue notes", 3.
using LeftOut = std::map<std::string, std::uint64_t>;

// The pieces of one entry of a source, at least one. Adds to `left_out`. Thread-safe. Errors: as notation::read_scores,
// without a path; no_notes (no piece).
Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t entry, LeftOut* left_out = nullptr);

// "a.mid", or "book.abc#2" for the second of several tunes. `tune` counts from 0.
std::string piece_name(std::string_view path, std::size_t tune, std::size_t tunes);

}  // namespace continuo::corpus
