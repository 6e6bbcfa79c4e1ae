#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/ordered_run.h"
#include "continuo/corpus/source.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

// What a part of a collection holds. Sums, so that parts can be added.
struct MusicStats {
  std::uint64_t pieces = 0, unusable = 0;  // unusable: could not be read, or without a note
  std::uint64_t notes = 0, drum_notes = 0;
  double seconds = 0, shortest_seconds = 0, longest_seconds = 0;
  int lowest_pitch = 128, highest_pitch = -1;   // of pitched notes; 128 and -1 without
  std::array<std::uint64_t, 128> programs{};    // pitched notes of each General MIDI program
  std::map<std::string, std::uint64_t> meters;  // pieces that have it: "3/4"; 4/4 where none is given
  double slowest_bpm = 0, fastest_bpm = 0;      // quarters a minute, of all tempos
  double tempo_sum_bpm = 0;                     // of each piece's first tempo; see mean_tempo_bpm()
  std::uint64_t tokens = 0;                     // of a data set; with transposed copies

  double mean_tempo_bpm() const { return pieces > 0 ? tempo_sum_bpm / double(pieces) : 0; }
  void add(const score::Score& score);
  void add(const MusicStats& other);
};

struct CollectionStats {
  std::string name, layout, licence;
  std::map<std::string, MusicStats> parts;  // "train", "validation", "test"; "all" without an official split
  // By error code: files left out without reading; of a data set, files and pieces of its reject report.
  std::map<std::string, std::uint64_t> rejects;
  std::map<std::string, std::uint64_t> skipped;  // files left out by a rule, by rule
  std::vector<std::string> notes;                // those of the source
};

// Of a folder of music or a list; reads each file. Errors: interrupted.
Result<CollectionStats> collect_stats(const Source& source, OrderedRun& run);

}  // namespace continuo::corpus
