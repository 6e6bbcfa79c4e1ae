#include "cell_tasks.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "../cells/cell_notes.h"
#include "../cells/cell_writer.h"
#include "generate_music.h"
#include "given_chords.h"
#include "note_rules.h"
#include "region.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Track;
using tokens::TrackCells;
using tokens::TrackName;

// The asked cells as they were.
std::vector<std::vector<tokens::TrackCell>> old_cells(const CellPlan& plan) {
  std::vector<std::vector<tokens::TrackCell>> cells;
  for (std::size_t i = plan.begin; i < plan.end; ++i) cells.push_back(plan.bars[i].cells);
  return cells;
}

// The notes of some cells before and after their pitches were drawn anew, note by note.
struct NewPitches {
  const Track &old, &fresh;
  const TickMapping& mapping;  // of both to the primer's ticks
};

// The new pitch of a note of the primer: that of the note which the tokens have in its place. A note that they lack,
// as one of many within a step, keeps its own.
std::uint8_t new_pitch(const Note& note, const NewPitches& pitches) {
  std::size_t nearest = pitches.old.notes.size();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < pitches.old.notes.size(); ++i) {
    const std::int64_t distance = std::abs((pitches.mapping(pitches.old.notes[i].onset) - note.onset).value);
    if (pitches.old.notes[i].pitch != note.pitch || distance >= least) continue;
    nearest = i;
    least = distance;
  }
  return nearest < pitches.fresh.notes.size() ? pitches.fresh.notes[nearest].pitch : note.pitch;
}

// Gives the notes that begin in the region their new pitches and nothing else. Where a key would be struck while it
// sounds, the note keeps its pitch.
void change_pitches(Track& track, Region region, const NewPitches& pitches) {
  for (Note& note : track.notes) {
    if (note.onset < region.begin || note.onset >= region.end) continue;
    const std::uint8_t pitch = new_pitch(note, pitches);
    const bool is_free = std::ranges::none_of(track.notes, [&](const Note& other) {
      return &other != &note && other.pitch == pitch && other.onset < note.end() && note.onset < other.end();
    });
    if (is_free) note.pitch = pitch;
  }
}

// The primer's tracks that are asked for, with their names in the tokens.
std::vector<std::pair<std::size_t, TrackName>> asked_tracks(const ComposeOptions& options, const TrackCells& cells) {
  const auto names = cells.names(*options.primer);
  std::vector<std::pair<std::size_t, TrackName>> asked;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool wanted =
        options.fill_tracks.empty() || std::ranges::find(options.fill_tracks, i) != options.fill_tracks.end();
    const bool is_changed = options.keep != Keep::kRhythm || !options.primer->tracks[i].is_drum;
    if (names[i] && wanted && is_changed) asked.emplace_back(i, *names[i]);
  }
  return asked;
}

}  // namespace

bool can_write_cells(const Composer& composer) {
  return composer.tokenizer->track_cells() != nullptr && !is_bidirectional(composer);
}

CellPlan cell_plan(const ComposeOptions& options, std::vector<tokens::CellBar> bars, std::size_t begin,
                   std::size_t end) {
  CellPlan plan;
  plan.rules = options.note_rules;
  plan.keep = options.keep;
  plan.strength = options.strength;
  plan.guidance = options.guidance;
  plan.bars = std::move(bars);
  plan.begin = begin;
  plan.end = end;
  return plan;
}

void finish(std::span<const std::vector<tokens::TrackCell>> written, Composition& result) {
  for (const auto& bar : written)
    for (const tokens::TrackCell& cell : bar)
      result.tokens.insert(result.tokens.end(), cell.notes.begin(), cell.notes.end());
  result.score.sort();
}

std::vector<score::Ticks> lines_in(const TickMapping& to_primer, const TokenBarLines& lines, std::size_t begin,
                                   std::size_t end) {
  std::vector<score::Ticks> places;
  for (std::size_t bar = begin; bar <= end; ++bar) places.push_back(to_primer(lines.at(bar)));
  return places;
}

// The encoded piece ends with the bar of its last note; bars asked beyond it are like that one.
Status fill_cells(const Request& request, const Primer& primer, std::span<Composition> results) {
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  const TrackCells& cells = *tokenizer.track_cells();
  const Region region = region_of(primer.score, *request.options.fill);
  const TokenBarLines lines(tokenizer, request.facts.bar_token(), primer.tokens, primer.quantised);
  CONTINUO_ASSIGN(const TokenBars range, lines.around(primer.score, region.begin, region.end));
  const auto asked = asked_tracks(request.options, cells);
  if (asked.empty())
    return Error{ErrorCode::invalid_argument, request.options.keep == Keep::kRhythm
                                                  ? "the tracks to rewrite have no pitched notes"
                                                  : "the tracks to rewrite have no notes"};

  CellPlan plan = cell_plan(request.options, cells.bars(primer.tokens), range.begin, range.end);
  while (plan.bars.size() < plan.end)
    plan.bars.push_back({.head = cells.plain_head(plan.bars.back().head), .cells = {}});
  for (const auto& [track, name] : asked)
    if (std::ranges::find(plan.tracks, name) == plan.tracks.end()) plan.tracks.push_back(name);
  plan.shows_ahead = plan.end < plan.bars.size();
  plan.counts_down = true;
  const TickMapping mapping(primer.score, primer.quantised, {}, tokens::TimeDomain::kMusical);
  const auto bar_lines = lines_in(mapping, lines, plan.begin, plan.end);
  CONTINUO_TRY(give_chords(request.options, cells, primer.score, bar_lines, plan));

  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    CONTINUO_ASSIGN(const auto written, write_cells(request, plan, seed++, result.likelihood));
    result.score = primer.score;
    result.primer_tokens = primer.tokens.size();
    for (const auto& [index, name] : asked) {
      Track& track = result.score.tracks[index];
      CONTINUO_ASSIGN(const Track part, notes_of_track(tokenizer, name, plan.bars, plan.begin, written));
      if (request.options.keep == Keep::kRhythm) {
        CONTINUO_ASSIGN(const Track old, notes_of_track(tokenizer, name, plan.bars, plan.begin, old_cells(plan)));
        change_pitches(track, region, {.old = old, .fresh = part, .mapping = mapping});
        continue;
      }
      Placement placement{.mapping = mapping, .end = region.end, .silent_until = region.begin};
      placement.most_at_once = request.options.note_rules.most_at_once;
      if (!cells.has_velocities()) placement.velocity = usual_velocity(track);
      std::erase_if(track.notes,
                    [&](const Note& note) { return note.onset >= region.begin && note.onset < region.end; });
      place_notes(track, part, placement);
    }
    name_chords(request.options, plan, bar_lines, region, result.score);
    finish(written, result);
  }
  return {};
}

}  // namespace continuo::generate
