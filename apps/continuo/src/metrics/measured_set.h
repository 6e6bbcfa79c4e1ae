#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/thread_pool.h"
#include "continuo/cli/console.h"
#include "continuo/metrics/collection_statistics.h"
#include "continuo/metrics/piece_measures.h"

namespace continuo::app {

struct MeasuredPiece {
  std::string name;            // for people
  std::filesystem::path file;  // where it was read; of a data set's pieces, no file
  metrics::PieceMeasures measures;
};

// Pieces that were read and measured, those without a note left out.
struct MeasuredSet {
  std::string name;  // the arguments
  std::vector<MeasuredPiece> pieces;
  std::vector<std::filesystem::path> files;  // that were read
  bool has_structure = false;                // was measured
  std::vector<std::string> left_out;         // one line for each input that could not be read; they have been reported

  // One measure of all pieces that have it.
  std::vector<double> values(const metrics::MeasureField& field) const;
};

// What of a set is measured.
struct MeasuredPart {
  std::size_t most = 0;  // inputs, equally spaced; 0: all
  std::string split;     // of data sets, "test" ...; empty: all
  std::size_t bars = 0;  // the first so many of each piece; 0: all
  bool structure = false;
};

// Reads what music_inputs() finds. Notes of what is left out go to the console. Errors: those of music_inputs(); where
// no input can be read, that of the last; empty (no piece with notes).
Result<MeasuredSet> measure_set(std::span<const std::string> arguments, const MeasuredPart& part, ThreadPool& threads,
                                cli::Console& console);

}  // namespace continuo::app
