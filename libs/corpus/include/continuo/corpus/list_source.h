#pragma once

#include <filesystem>

#include "continuo/base/result.h"
#include "continuo/corpus/source.h"

namespace continuo::corpus {

// Lists the music files (those that notation reads; of .xml those that begin as MusicXML) of a folder and its
// subfolders. Symbolic links to files are followed, those to folders are not.
//
// Layouts, by what lies in the folder (official splits: o):
//   maestro     o  maestro-*.csv or maestro-*.json; the split, and which files belong to it, is the table's
//   groove      o  info.csv with drummer, midi_filename and split; likewise
//   jsb         o  Jsb16thSeparated.json: three entries "Jsb16thSeparated.json/train", "/valid", "/test" of many pieces
//   pop909         NNN/NNN.mid, in the folder or in POP909/ below it; NNN/versions/* (other arrangements) are skipped
//   nottingham     MIDI/*.mid; MIDI/melody, MIDI/chords and the ABC of the same tunes are skipped
//   openewld       dataset/**.mxl and a README.md that names it
//   lakh           X/MD5.mid, in the folder or in lmd_full/ below it
//   aria-midi      metadata.json and data/**/NUMBER_SEGMENT.mid
//   gigamidi    o  below folders training-V*, validation-V*, testing-V*
//   folder         all else
//
// The files of maestro and groove may lie in other folders than their table lists, or all in one: they are known by
// their names. A table below a subfolder counts when all music of the folder is in it. Files that are named as those of
// such a collection, but have no table, give a note and are a plain folder.
//
// A text file instead of a folder is a list: a path a line, relative to the list; "#" begins a comment. A tab and
// train, validation or test after every path make it a collection with an official split. Errors: not_found, io
// (neither, or cannot be read), malformed (a table of a known layout, a list), unsupported (NSynth: sounds and no music
// files).
Result<Source> list_source(const std::filesystem::path& path);

}  // namespace continuo::corpus
