#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "continuo/score/bar_grid.h"
#include "continuo/score/general_midi.h"
#include "continuo/score/melody.h"

#include "../cells/cell_notes.h"
#include "../cells/cell_writer.h"
#include "../cells/form.h"
#include "../length/length_goal.h"
#include "cell_tasks.h"
#include "given_chords.h"
#include "note_rules.h"
#include "primer.h"
#include "task.h"

namespace continuo::generate {
namespace {

using score::Score;
using score::Ticks;
using score::Track;
using tokens::CellBar;
using tokens::TrackCells;
using tokens::TrackName;

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

int program_of(const Instrument& instrument) {
  return instrument.is_drum ? TrackName::kDrums : std::min<int>(instrument.program, 127);
}

// How many tracks of each program a piece has.
using Parts = std::array<int, TrackName::kDrums + 1>;
Parts parts_of(const TrackCells& cells, const Score& score) {
  Parts parts{};
  for (const auto& name : cells.names(score))
    if (name) ++parts[std::size_t(name->program)];
  return parts;
}

bool is_asked(const ComposeOptions& options) { return !options.add_tracks.empty(); }

Status check_model(const Composer& composer, const ComposeOptions&) {
  if (can_write_cells(composer)) return {};
  return invalid("a " + composer.model->config().preset + " model of the tokenisation " +
                 std::string(composer.tokenizer->name()) +
                 " cannot be asked for instruments; a causal model of bar_tracks can");
}

Status check_lead(const ComposeOptions& options) {
  if (!options.primer) return invalid("an arrangement is of a piece that is given");
  const ComposeOptions::Lead& lead = *options.lead;
  if (lead.instrument.is_drum) return invalid("drums play no melody");
  const std::vector<Track>& tracks = options.primer->tracks;
  if (!lead.track) return std::ranges::all_of(tracks, &Track::is_drum) ? invalid("drums have no melody") : Status();
  if (*lead.track >= tracks.size()) return invalid("the track of the melody does not exist");
  return tracks[*lead.track].is_drum ? invalid("the track of the melody is of drums") : Status();
}

Status check(const Composer& composer, const TokenFacts&, const ComposeOptions& options) {
  const bool all_drums = std::ranges::all_of(options.add_tracks, &Instrument::is_drum);
  const NoteRules any;
  if (all_drums && (options.note_rules.lowest != any.lowest || options.note_rules.highest != any.highest ||
                    options.note_rules.pitch_classes != any.pitch_classes))
    return invalid("drums have no range and no scale");
  if (options.ending) return invalid("a piece for given instruments, and added tracks, end with the last bar anyway");
  if (options.stop_at_end) return invalid("the length of a piece for given instruments is fixed");
  CONTINUO_TRY(check_rules(options.note_rules, *composer.tokenizer->track_cells()));
  CONTINUO_TRY(check_chords(options, *composer.tokenizer->track_cells()));
  if (all_drums && (!options.chords.empty() || options.draws_chords)) return invalid("drums have no chords");
  if (options.primer && !options.form.empty()) return invalid("a form is for a new piece");
  if (options.primer && options.key) return invalid("a key signature is for a new piece");
  if (!options.primer) {
    if (options.length.unit != LengthUnit::kBars)
      return invalid("the length of a piece for given instruments is asked for in bars");
    CONTINUO_TRY(check_length(options.length));
    if (!(options.tempo >= 1 && options.tempo <= 1000)) return invalid("the tempo must be from 1 to 1000");
  }
  if (options.lead) CONTINUO_TRY(check_lead(options));
  Parts parts = parts_of(*composer.tokenizer->track_cells(), options.primer.value_or(Score()));
  for (const Instrument& instrument : options.add_tracks)
    if (++parts[std::size_t(program_of(instrument))] > TrackName::kParts)
      return invalid("there can be " + std::to_string(TrackName::kParts) + " tracks of one instrument at most");
  return {};
}

// An empty piece in the tempo and the meter that are asked for, as a score of one note.
Result<Score> blank_score(const Composer& composer, const ComposeOptions& options) {
  Score score;
  score.tempos = {{Ticks(0), std::int32_t(std::lround(60e6 / options.tempo))}};
  score.time_signatures = {{Ticks(0), options.meter_numerator, options.meter_denominator}};
  if (options.key) score.key_signatures = {*options.key};
  score.tracks.push_back({.notes = {{.onset = Ticks(0), .duration = Ticks(480), .pitch = 60, .velocity = 80}}});
  CONTINUO_ASSIGN(const Score kept, composer.tokenizer->quantise(score));
  const score::TimeSignature& meter = kept.time_signatures.at(0);
  if (meter.numerator != options.meter_numerator || meter.denominator != options.meter_denominator)
    return invalid("the model does not know the meter " + std::to_string(options.meter_numerator) + "/" +
                   std::to_string(options.meter_denominator) + "; it knows " +
                   composer.tokenizer->track_cells()->meters());
  return score;
}

// The piece that tracks are added to: its score without notes in the case of a blank one, and its bars.
struct Ground {
  Score score, quantised;
  std::vector<CellBar> bars;
  std::vector<Ticks> lines;  // where the bars begin, and where the last one ends
  std::size_t tokens = 0;
  Ticks begin, end;  // new notes lie within: nothing sounds before a pickup, nor after the last bar
};

Result<Ground> blank_ground(const Request& request) {
  Ground ground;
  CONTINUO_ASSIGN(ground.score, blank_score(request.composer, request.options));
  CONTINUO_ASSIGN(const Primer blank, encode_primer(request.composer, ground.score));
  const TrackCells& cells = *request.composer.tokenizer->track_cells();
  const auto bars = cells.bars(blank.tokens);
  ground.quantised = blank.quantised;
  const std::vector<TokenId> plain = cells.plain_head(bars.at(0).head);
  for (std::size_t i = 0; i < std::size_t(request.options.length.amount); ++i)
    ground.bars.push_back({.head = i == 0 ? bars[0].head : plain, .cells = {}});
  ground.score.tracks.clear();
  const Ticks bar = ground.score.time_signatures[0].bar_length(ground.score.ticks_per_quarter);
  for (std::size_t i = 0; i <= ground.bars.size(); ++i) ground.lines.push_back(bar * std::int64_t(i));
  ground.end = ground.lines.back();
  return ground;
}

Result<Ground> ground_of_primer(const Request& request) {
  CONTINUO_ASSIGN(Primer primer, encode_primer(request.composer, *request.options.primer));
  Ground ground{primer.score,
                std::move(primer.quantised),
                request.composer.tokenizer->track_cells()->bars(primer.tokens),
                {},
                primer.tokens.size(),
                {},
                {}};
  const TokenBarLines lines(*request.composer.tokenizer, request.facts.bar_token(), primer.tokens, ground.quantised);
  ground.lines =
      lines_in({ground.score, ground.quantised, {}, tokens::TimeDomain::kMusical}, lines, 0, ground.bars.size());
  ground.end = score::BarGrid(primer.score).bars().back().end();
  ground.begin = ground.end;
  for (const Track& track : ground.score.tracks)
    for (const score::Note& note : track.notes) ground.begin = std::min(ground.begin, note.onset);
  return ground;
}

std::vector<TrackName> names_of_new(const Request& request, const Score& score) {
  Parts parts = parts_of(*request.composer.tokenizer->track_cells(), score);
  std::vector<TrackName> names;
  for (const Instrument& instrument : request.options.add_tracks) {
    const int program = program_of(instrument);
    names.push_back({program, parts[std::size_t(program)]++});
  }
  return names;
}

// A bar that comes again has the chords that it has had.
Status give_form(const std::string& form, CellPlan& plan) {
  CONTINUO_ASSIGN(plan.repeated, bars_of_form(form, plan.bars.size()));
  for (std::size_t i = 0; i < plan.chords.size(); ++i)
    if (plan.repeated[i]) plan.chords[i] = plan.chords[*plan.repeated[i]];
  return {};
}

std::uint8_t velocity_of(const Score& score) {
  Track all;
  for (const Track& track : score.tracks) all.notes.insert(all.notes.end(), track.notes.begin(), track.notes.end());
  return usual_velocity(all);
}

Track new_track(const Instrument& instrument) {
  Track track;
  track.is_drum = instrument.is_drum;
  track.program = instrument.is_drum ? std::uint8_t(0) : std::min<std::uint8_t>(instrument.program, 127);
  track.name = instrument.is_drum ? "Drums" : std::string(score::program_name(track.program));
  return track;
}

// In place of the tracks of a primer, its melody.
void lead_with_melody(const ComposeOptions::Lead& lead, const Score& primer, Score& result) {
  Track melody = new_track(lead.instrument);
  melody.notes = lead.track ? primer.tracks[*lead.track].notes : score::melody_of(primer);
  const auto first = result.tracks.begin(), new_ones = first + std::ptrdiff_t(primer.tracks.size());
  result.tracks.insert(result.tracks.erase(first, new_ones), std::move(melody));
}

Status run(const Request& request, std::span<Composition> results) {
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  CONTINUO_ASSIGN(const Ground ground, request.options.primer ? ground_of_primer(request) : blank_ground(request));
  CellPlan plan = cell_plan(request.options, ground.bars, 0, ground.bars.size());
  plan.counts_down = true;
  plan.tracks = plan.must_play = names_of_new(request, ground.score);
  plan.longest_rest = std::size_t(request.options.note_rules.longest_rest_bars);
  plan.rests_from = std::size_t(std::ranges::lower_bound(ground.lines, ground.begin) - ground.lines.begin());
  CONTINUO_TRY(give_chords(request.options, *tokenizer.track_cells(), ground.score, ground.lines, plan));
  if (!request.options.form.empty()) CONTINUO_TRY(give_form(request.options.form, plan));
  const TickMapping mapping(ground.score, ground.quantised, {}, tokens::TimeDomain::kMusical);
  Placement placement{.mapping = mapping, .end = ground.end, .silent_until = ground.begin};
  placement.most_at_once = request.options.note_rules.most_at_once;
  if (!tokenizer.track_cells()->has_velocities()) placement.velocity = velocity_of(ground.score);
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    CONTINUO_ASSIGN(const auto written, write_cells(request, plan, seed++, result.likelihood));
    result.score = ground.score;
    result.primer_tokens = ground.tokens;
    for (std::size_t i = 0; i < plan.tracks.size(); ++i) {
      Track track = new_track(request.options.add_tracks[i]);
      CONTINUO_ASSIGN(const Track part, notes_of_track(tokenizer, plan.tracks[i], plan.bars, 0, written.bars));
      place_notes(track, part, placement);
      result.score.tracks.push_back(std::move(track));
    }
    name_chords(request.options, written.chords, ground.lines, {ground.lines.front(), ground.lines.back()},
                result.score);
    if (request.options.lead) lead_with_melody(*request.options.lead, ground.score, result.score);
    finish(written.bars, result);
  }
  return {};
}

}  // namespace

const Task kAddTracks = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
