#include "edits.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "continuo/score/quantise.h"
#include "continuo/score/transpose.h"

namespace continuo::app {
namespace {

constexpr double kUsualTempo = 500000;  // microseconds per quarter, where none is given

// A MIDI file has 24 bits for it.
std::int32_t in_range(double microseconds_per_quarter) {
  return static_cast<std::int32_t>(std::lround(std::clamp(microseconds_per_quarter, 1.0, 16777215.0)));
}

void scale_tempos(double factor, score::Score& score) {
  if (score.tempos.empty() || score.tempos.front().onset > score::Ticks(0))
    score.tempos.insert(score.tempos.begin(), {score::Ticks(0), in_range(kUsualTempo)});
  for (score::Tempo& tempo : score.tempos)
    tempo.microseconds_per_quarter = in_range(tempo.microseconds_per_quarter / factor);
}

double initial_tempo(const score::Score& score) {
  return 60e6 / score.tempo_map().at(score::Ticks(0)).microseconds_per_quarter;
}

}  // namespace

std::vector<cli::Field> edit_options() {
  using cli::Type;
  return options::in_group(
      "Changes",
      {{.name = "transpose",
        .type = Type::kInteger,
        .unit = "N",
        .help = "Move all notes but drums up by N semitones, down by -N",
        .default_value = "0",
        .range = {-127, 127}},
       {.name = "tempo",
        .unit = "BPM",
        .help = "Begin with so many quarters per minute, or play at a part of the speed, such as 80%; later changes of "
                "tempo keep their proportion"},
       {.name = "quantise",
        .type = Type::kInteger,
        .unit = "N",
        .help = "Move notes to a grid of N steps per quarter, such as 4 for sixteenths; 0: leave them",
        .default_value = "0",
        .range = {0, 960}}});
}

Result<Edits> read_edits(const cli::Arguments& arguments) {
  Edits edits{.transpose = static_cast<int>(arguments.integer("transpose")),
              .tempo = {},
              .speed = {},
              .quantise = static_cast<int>(arguments.integer("quantise"))};
  if (!arguments.has("tempo")) return edits;
  const std::string& text = arguments.text("tempo");
  const bool is_share = text.ends_with('%');
  const char* end = text.data() + text.size() - (is_share ? 1 : 0);
  double value = 0;
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !(value >= 1 && value <= 1000))
    return Error{ErrorCode::invalid_argument,
                 "--tempo: must be quarters per minute or a percentage, from 1 to 1000, such as 120 or 80%",
                 {},
                 {}};
  if (is_share) {
    edits.speed = value / 100;
  } else {
    edits.tempo = value;
  }
  return edits;
}

Status edit(const Edits& edits, notation::Piece& piece, notation::Diagnostics& diagnostics) {
  score::Score& score = piece.score;
  if (edits.transpose != 0) {
    CONTINUO_ASSIGN(score, score::transposed(score, edits.transpose));
  }
  if (edits.speed) scale_tempos(*edits.speed, score);
  if (edits.tempo) scale_tempos(*edits.tempo / initial_tempo(score), score);
  if (edits.quantise == 0) return {};
  if (score.ticks_per_quarter % edits.quantise != 0 && !piece.side_tracks.empty()) {
    notation::note_lost_side_events(piece, "the grid needs other ticks", diagnostics);
    piece.side_tracks.clear();
  }
  score = score::quantised(score, edits.quantise);
  return {};
}

}  // namespace continuo::app
