#pragma once

#include <span>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/corpus/source.h"

namespace continuo::corpus {

// A collection whose files and official split are listed in a table: a csv with a row a file, or a json with an object
// a column, {"midi_filename": {"0": PATH, ...}, "split": {"0": "train", ...}}. Paths are relative to the table's
// folder.
struct TableCollection {
  bool (*is_table_name)(std::string_view name);
  std::span<const std::string_view> columns;    // that the table must have; with midi_filename and split
  bool owns_table_name;                         // no other collection names a file so: a broken table is an error
  bool (*is_file_name)(std::string_view name);  // how the collection's files are named
  std::string_view title, table;                // "MAESTRO", "maestro-v3.0.0.csv"
};

// Layout::recognise for such a collection. A table in the folder itself makes it the collection: what it does not list
// is a reject. A table further down does so if it lists all music of the folder; otherwise there is a note. Files
// are found by their listed paths, and those that lie elsewhere by their names, where the table gives a name one split
// only.
Result<bool> recognise_by_table(const TableCollection& collection, Source& source);

}  // namespace continuo::corpus
