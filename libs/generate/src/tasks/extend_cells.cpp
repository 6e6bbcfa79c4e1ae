#include <algorithm>
#include <vector>

#include "../cells/cell_notes.h"
#include "../infill/bar_lines.h"
#include "../splice/primer_end.h"
#include "../splice/splice.h"
#include "cell_tasks.h"
#include "note_rules.h"

namespace continuo::generate {
namespace {

using score::Note;
using score::Ticks;
using score::Track;

// Adds the notes of `part`, mapped to the primer's ticks. A key that sounds is not struck again.
void append_notes(Track& track, const Track& part, const TickMapping& mapping, bool has_velocities, int most_at_once) {
  const std::uint8_t velocity = usual_velocity(track);
  const std::vector<Note> kept = track.notes;
  std::vector<Note> fresh;
  for (Note note : part.notes) {
    const Ticks end = mapping(note.end());
    note.onset = mapping(note.onset);
    note.duration = end - note.onset;
    if (!has_velocities) note.velocity = velocity;
    const bool is_sounding = std::ranges::any_of(
        kept, [&](const Note& other) { return other.pitch == note.pitch && other.end() > note.onset; });
    if (!is_sounding) fresh.push_back(note);
  }
  limit_polyphony(fresh, most_at_once);
  track.notes.insert(track.notes.end(), fresh.begin(), fresh.end());
}

}  // namespace

// New bars are like the last one of the primer, in its tempo.
Status extend_cells(const Request& request, const Primer& primer, std::span<Composition> results) {
  const tokens::Tokenizer& tokenizer = *request.composer.tokenizer;
  const tokens::TrackCells& cells = *tokenizer.track_cells();
  const TokenBarLines lines(tokenizer, request.facts.bar_token(), primer.tokens, primer.quantised);
  std::vector<tokens::CellBar> bars = cells.bars(primer.tokens);
  const std::size_t begin = bars.size(), end = begin + std::size_t(request.options.length.amount);
  while (bars.size() < end) bars.push_back({.head = cells.plain_head(bars[begin - 1].head), .cells = {}});
  CellPlan plan = cell_plan(request.options, std::move(bars), begin, end);
  plan.counts_down = request.options.ending;
  const auto names = cells.names(primer.score);
  for (const auto& name : names)
    if (name && std::ranges::find(plan.tracks, *name) == plan.tracks.end()) plan.tracks.push_back(*name);

  const Ticks start = next_bar_line(primer.score);
  const TickMapping mapping(primer.score, primer.quantised, {start, lines.at(begin)}, tokens::TimeDomain::kMusical);
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    CONTINUO_ASSIGN(const auto written, write_cells(request, plan, seed++));
    result.score = primer.score;
    result.primer_tokens = primer.tokens.size();
    lift_pedals(result.score, start);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i]) continue;
      CONTINUO_ASSIGN(const auto part, notes_of_track(tokenizer, *names[i], plan.bars, plan.begin, written));
      if (part)
        append_notes(result.score.tracks[i], *part, mapping, cells.has_velocities(),
                     request.options.note_rules.most_at_once);
    }
    for (const auto& bar : written)
      for (const auto& cell : bar) result.tokens.insert(result.tokens.end(), cell.notes.begin(), cell.notes.end());
    result.score.sort();
  }
  return {};
}

}  // namespace continuo::generate
