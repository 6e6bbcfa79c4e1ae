#pragma once

#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/read_entry.h"
#include "continuo/corpus/source.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

// How a collection lies in a folder: a row of the table of layouts.
struct Layout {
  std::string_view name;  // the catalogue's
  std::string_view licence;
  // Whether a listed folder is this collection, by what lies in it. If so it has applied the collection's rules:
  // official split, files that are no pieces of their own. Otherwise the source is as it was, but for notes. Requires:
  // entries sorted by path. Errors: malformed (a table of the collection), unsupported (a collection without scores).
  Result<bool> (*recognise)(Source& source);
  // The pieces of one entry; adds to `left_out`. Errors: as notation::read_scores.
  Result<std::vector<score::Score>> (*read_entry)(const Source& source, const SourceEntry& entry, LeftOut& left_out);
};

// Applies the first layout of the table that recognises the source. Errors: those of Layout::recognise.
Status apply_layout(Source& source);

// The layout of that name; for "folder" and "list" one whose entries are music files.
const Layout& find_layout(std::string_view name);

}  // namespace continuo::corpus
