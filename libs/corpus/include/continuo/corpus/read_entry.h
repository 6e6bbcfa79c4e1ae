#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/source.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

// The pieces of one entry of a source, at least one. Thread-safe. Errors: as notation::read_scores, without a path;
// no_notes (no piece).
Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t entry);

// "a.mid", or "book.abc#2" for the second of several tunes. `tune` counts from 0.
std::string piece_name(std::string_view path, std::size_t tune, std::size_t tunes);

}  // namespace continuo::corpus
