#include "measured_set.h"

#include <algorithm>
#include <utility>

#include "continuo/base/text.h"
#include "continuo/score/bar_grid.h"

#include "../common/music_input.h"

namespace continuo::app {
namespace {

// What one input gave: its pieces, or why it has none.
struct Reading {
  std::vector<MeasuredPiece> pieces;
  std::size_t silent = 0;  // pieces without notes
  std::optional<Error> error;
};

// Notes that begin in the first bars, and what of them sounds there.
score::Score first_bars(score::Score score, std::size_t bars) {
  const score::BarGrid grid(score);
  if (bars == 0 || bars >= grid.bars().size()) return score;
  const score::Ticks end = grid.bars()[bars].onset;
  for (score::Track& track : score.tracks) {
    std::erase_if(track.notes, [&](const score::Note& note) { return note.onset >= end; });
    for (score::Note& note : track.notes) note.duration = std::min(note.duration, end - note.onset);
  }
  return score;
}

Reading read_and_measure(const MusicInput& input, const MeasuredPart& part) {
  const auto file = input.read();
  if (!file.ok()) return {.pieces = {}, .silent = 0, .error = file.error().in_file(input.name)};
  Reading reading;
  for (const auto& piece : file->pieces) {
    const score::Score score = first_bars(piece.score, part.bars);
    if (score.note_count() == 0) {
      ++reading.silent;
      continue;
    }
    const bool is_file = std::filesystem::path(input.name).filename() == input.relative.filename();
    reading.pieces.push_back({.name = input.relative.string(),
                              .file = is_file ? input.name : "",
                              .measures = metrics::measure_piece(score, part.structure)});
  }
  return reading;
}

std::vector<MusicInput> equally_spaced(std::vector<MusicInput> inputs, std::size_t most) {
  if (most == 0 || inputs.size() <= most) return inputs;
  std::vector<MusicInput> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(std::move(inputs[i * inputs.size() / most]));
  return kept;
}

std::string name_of(std::span<const std::string> arguments) {
  return arguments.front() + (arguments.size() == 1 ? "" : " and " + counted(arguments.size() - 1, "other", "others"));
}

}  // namespace

std::vector<double> MeasuredSet::values(const metrics::MeasureField& field) const {
  std::vector<double> values;
  for (const auto& piece : pieces)
    if (const auto value = field.value(piece.measures)) values.push_back(*value);
  return values;
}

Result<MeasuredSet> measure_set(std::span<const std::string> arguments, const MeasuredPart& part, ThreadPool& threads,
                                cli::Console& console) {
  CONTINUO_ASSIGN(auto found, music_inputs(arguments));
  for (const std::string& note : found.notes) console.note("continuo: note: " + note);
  if (!part.split.empty()) keep_split(part.split, found.inputs);
  MeasuredSet set{
      .name = name_of(arguments), .pieces = {}, .files = {}, .has_structure = part.structure, .left_out = {}};
  const std::size_t all = found.inputs.size();
  const auto inputs = equally_spaced(std::move(found.inputs), part.most);
  if (inputs.size() < all)
    console.note("continuo: note: " + set.name + ": measures " + grouped(inputs.size()) + " of " + grouped(all) +
                 " files, equally spaced (--max-pieces)");
  std::vector<Reading> readings(inputs.size());
  threads.for_each_task(inputs.size(), [&](std::size_t i) { readings[i] = read_and_measure(inputs[i], part); });
  Status outcome;
  std::size_t silent = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    set.files.emplace_back(inputs[i].name);
    silent += readings[i].silent;
    for (MeasuredPiece& piece : readings[i].pieces) set.pieces.push_back(std::move(piece));
    if (!readings[i].error) continue;
    set.left_out.push_back(readings[i].error->to_line());
    outcome = std::move(*readings[i].error);
  }
  if (set.pieces.empty() && !outcome.ok()) return outcome.error();
  for (const std::string& error : set.left_out) console.note("continuo: note: not measured: " + error);
  if (silent > 0)
    console.note("continuo: note: " + set.name + ": left out " + counted(silent, "piece", "pieces") +
                 (part.bars > 0 ? " without notes in the first bars" : " without notes"));
  if (set.pieces.empty()) return Error{ErrorCode::empty, "there are no notes to measure", {}, set.name};
  return set;
}

}  // namespace continuo::app
