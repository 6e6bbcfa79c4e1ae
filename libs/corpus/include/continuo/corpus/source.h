#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/error.h"
#include "continuo/corpus/split.h"

namespace continuo::corpus {

// A file or piece that was left out because it could not be used, and why.
struct Reject {
  std::string path;  // relative to the source; of a piece with "#n", n counted from 1
  ErrorCode code = ErrorCode::io;
  std::string reason;
};

// Music of a source: a file, or a named part of a file that holds several ("Jsb16thSeparated.json/train").
struct SourceEntry {
  std::string path;               // relative to the source's folder, with '/'
  std::optional<Split> split;     // where the collection has an official one
  std::uint32_t file_length = 0;  // characters of `path` that name the file; 0: all of them

  std::string_view file() const {
    return std::string_view(path).substr(0, file_length > 0 ? file_length : path.size());
  }
  // What follows the file's name and '/'; empty for an entry that is a whole file.
  std::string_view part() const { return file_length > 0 ? std::string_view(path).substr(file_length + 1) : ""; }
};

// What a folder or a list of music holds, before any file of it is read.
struct Source {
  std::filesystem::path folder;
  std::string name;     // of the folder or the list
  std::string layout;   // the catalogue's name of the collection, "list" or "folder"
  std::string licence;  // "unknown" for layouts without one
  bool official_split = false;
  std::vector<SourceEntry> entries;              // sorted by path
  std::vector<Reject> rejects;                   // known without reading: missing, not listed, not a regular file
  std::map<std::string, std::uint64_t> skipped;  // files left out by the layout's own rule, by rule
  std::vector<std::string> tables;               // csv and json files among the music, relative; in no order
  std::vector<std::string> notes;                // what its user should know; sentences without a full stop

  // The file that an entry's music is in.
  std::filesystem::path file_of(std::size_t entry) const { return folder / entries[entry].file(); }
};

}  // namespace continuo::corpus
