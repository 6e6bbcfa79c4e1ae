#include "cell_tasks.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "../cells/cell_notes.h"
#include "../cells/cell_writer.h"
#include "generate_music.h"
#include "given_chords.h"
#include "note_rules.h"
#include "old_and_new.h"
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

// Takes what is to be written anew out of a track, and puts the new notes there.
void replace_notes(Track& track, Track part, Region region, const ComposeOptions& options, const Placement& placement) {
  const auto is_locked = [&](const Note& note) { return is_in(options.locked, note.pitch); };
  std::erase_if(part.notes, is_locked);
  std::erase_if(track.notes, [&](const Note& note) {
    return note.onset >= region.begin && note.onset < region.end && !is_locked(note);
  });
  place_notes(track, part, placement);
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
  plan.locked = options.locked;
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
  for (const auto& [track, name] : asked) {
    if (!has_free_pitch(request.options, cells, name.program == TrackName::kDrums))
      return Error{ErrorCode::invalid_argument, "nothing is left to compose: all pitches of a track are locked"};
  }

  CellPlan plan = cell_plan(request.options, cells.bars(primer.tokens), range.begin, range.end);
  while (plan.bars.size() < plan.end)
    plan.bars.push_back({.head = cells.plain_head(plan.bars.back().head), .cells = {}});
  for (const auto& [track, name] : asked)
    if (std::ranges::find(plan.tracks, name) == plan.tracks.end()) plan.tracks.push_back(name);
  const auto old_bars = std::span(plan.bars).subspan(plan.begin, plan.end - plan.begin);
  std::ranges::copy_if(plan.tracks, std::back_inserter(plan.must_play), [&](TrackName name) {
    return std::ranges::any_of(old_bars, [&](const tokens::CellBar& bar) { return bar.find(name) != nullptr; });
  });
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
      CONTINUO_ASSIGN(const Track part, notes_of_track(tokenizer, name, plan.bars, plan.begin, written.bars));
      Track old;
      if (request.options.keep != Keep::kNothing) {
        CONTINUO_ASSIGN(old, notes_of_track(tokenizer, name, plan.bars, plan.begin, old_cells(plan)));
      }
      const OldAndNew both{.old = old, .fresh = part, .mapping = mapping};
      Placement placement{.mapping = mapping, .end = region.end, .silent_until = region.begin};
      placement.most_at_once = request.options.note_rules.most_at_once;
      if (!cells.has_velocities()) placement.velocity = usual_velocity(track);
      switch (request.options.keep) {
        case Keep::kRhythm:
          change_pitches(track, region, request.options.locked, both);
          break;
        case Keep::kPitches:
          change_rhythm(track, region, both);
          break;
        case Keep::kNothing:
          replace_notes(track, part, region, request.options, placement);
          break;
      }
    }
    name_chords(request.options, written.chords, bar_lines, region, result.score);
    finish(written.bars, result);
  }
  return {};
}

}  // namespace continuo::generate
