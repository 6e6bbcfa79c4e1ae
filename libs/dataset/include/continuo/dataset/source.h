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
  std::string layout;   // the catalogue's name of the collection, "list" or "folder"
  std::string licence;  // "unknown" for layouts that do not tell
  bool official_split = false;
  std::vector<SourceEntry> entries;              // sorted by path
  std::vector<Reject> rejects;                   // known without reading: missing, not listed, not a regular file
  std::map<std::string, std::uint64_t> skipped;  // files left out by the layout's own rule, by rule

  // Where an entry's music stands: its path, but for collections that keep many pieces in one file.
  std::filesystem::path file_of(std::size_t entry) const;
};

// Lists the music files (those that notation reads; of .xml those that begin as MusicXML) of a folder and its
// subfolders. Symbolic links to files are followed, those to folders are not.
//
// Layouts, by what lies in the folder (official splits: o):
//   maestro     o  maestro-*.csv; the split, and which files belong to it, is the csv's
//   groove      o  info.csv with drummer, midi_filename and split; likewise
//   jsb         o  Jsb16thSeparated.json: three entries "Jsb16thSeparated.json/train", "/valid", "/test" of many pieces
//   pop909         NNN/NNN.mid, in the folder or in POP909/ below it; NNN/versions/* (other arrangements) are skipped
//   nottingham     MIDI/*.mid; MIDI/melody, MIDI/chords and the ABC of the same tunes are skipped
//   openewld       dataset/**.mxl and a README.md that says so
//   lakh           X/MD5.mid, in the folder or in lmd_full/ below it
//   aria-midi      metadata.json and data/**/NUMBER_SEGMENT.mid
//   gigamidi    o  below folders training-V*, validation-V*, testing-V*
//   folder         all else
//
// A text file instead of a folder is a list: a path a line, relative to the list; "#" begins a comment. A tab and
// train, validation or test behind every path make it a collection with an official split.
// Errors: not_found, io (neither, or cannot be read), malformed (a csv of a known layout, a list), unsupported
// (NSynth: sounds and no music files).
Result<Source> list_source(const std::filesystem::path& folder);

}  // namespace continuo::dataset
