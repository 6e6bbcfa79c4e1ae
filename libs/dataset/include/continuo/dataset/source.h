#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/dataset/dataset.h"

namespace continuo::dataset {

// A file or piece that was left out because it could not be used, and why.
struct Reject {
  std::string path;  // relative to the source, as in TokenSequences::name()
  ErrorCode code = ErrorCode::io;
  std::string reason;
};

struct SourceEntry {
  std::string path;            // relative to the source's folder, with '/'
  std::optional<Split> split;  // where the collection has an official one
};

// What a folder of music holds, before any file of it is read.
struct Source {
  std::filesystem::path folder;
  std::string name;     // of the folder
  std::string layout;   // "maestro", "groove", "pop909" or "folder"
  std::string licence;  // "unknown" for layouts that do not tell
  bool official_split = false;
  std::vector<SourceEntry> entries;              // sorted by path
  std::vector<Reject> rejects;                   // known without reading: missing, not listed, not a regular file
  std::map<std::string, std::uint64_t> skipped;  // files left out by the layout's own rule, by rule
};

// Lists the music files (those that notation reads) of a folder and its subfolders. Symbolic links to files are
// followed, those to folders are not.
//
// Layouts, by what lies in the folder:
//   maestro  maestro-*.csv; the split, and which files belong to it, is the csv's
//   groove   info.csv with drummer, midi_filename and split; likewise
//   pop909   NNN/NNN.mid, in the folder or in POP909/ below it; NNN/versions/* (other arrangements) are skipped
//   folder   all else
// Errors: not_found, io (not a folder, or cannot be read), malformed (a csv of a known layout).
Result<Source> list_source(const std::filesystem::path& folder);

}  // namespace continuo::dataset
