#include "cell_tasks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "../cells/cell_notes.h"
#include "../cells/cell_writer.h"
#include "../infill/bar_lines.h"
#include "../splice/splice.h"
#include "generate_music.h"
#include "note_rules.h"
#include "region.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Track;
using tokens::TrackCells;
using tokens::TrackName;

// The primer's tracks that are asked for, with their names in the tokens.
std::vector<std::pair<std::size_t, TrackName>> asked_tracks(const ComposeOptions& options, const TrackCells& cells) {
  const auto names = cells.names(*options.primer);
  std::vector<std::pair<std::size_t, TrackName>> asked;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool wanted =
        options.fill_tracks.empty() || std::ranges::find(options.fill_tracks, i) != options.fill_tracks.end();
    if (names[i] && wanted) asked.emplace_back(i, *names[i]);
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

// The encoded piece ends with the bar of its last note; bars asked beyond it are like that one.
Status fill_cells(const Request& request, const Primer& primer, std::span<Composition> results) {
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  const TrackCells& cells = *tokenizer.track_cells();
  const Region region = region_of(primer.score, *request.options.fill);
  const TokenBarLines lines(tokenizer, request.facts.bar_token(), primer.tokens, primer.quantised);
  CONTINUO_ASSIGN(const TokenBars range, lines.find(primer.score, region.begin, region.end));
  const auto asked = asked_tracks(request.options, cells);
  if (asked.empty()) return Error{ErrorCode::invalid_argument, "the tracks to rewrite have no notes"};

  CellPlan plan = cell_plan(request.options, cells.bars(primer.tokens), range.begin, range.end);
  while (plan.bars.size() < plan.end)
    plan.bars.push_back({.head = cells.plain_head(plan.bars.back().head), .cells = {}});
  for (const auto& [track, name] : asked)
    if (std::ranges::find(plan.tracks, name) == plan.tracks.end()) plan.tracks.push_back(name);
  plan.shows_ahead = plan.end < plan.bars.size();
  plan.counts_down = true;

  const TickMapping mapping(primer.score, primer.quantised, {}, tokens::TimeDomain::kMusical);
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    CONTINUO_ASSIGN(const auto written, write_cells(request, plan, seed++));
    result.score = primer.score;
    result.primer_tokens = primer.tokens.size();
    for (const auto& [index, name] : asked) {
      Track& track = result.score.tracks[index];
      Placement placement{.mapping = mapping, .begin = region.begin, .end = region.end};
      placement.most_at_once = request.options.note_rules.most_at_once;
      if (!cells.has_velocities()) placement.velocity = usual_velocity(track);
      std::erase_if(track.notes,
                    [&](const Note& note) { return note.onset >= region.begin && note.onset < region.end; });
      CONTINUO_ASSIGN(const Track part, notes_of_track(tokenizer, name, plan.bars, plan.begin, written));
      place_notes(track, part, placement);
    }
    finish(written, result);
  }
  return {};
}

}  // namespace continuo::generate
