#include <algorithm>
#include <vector>

#include "../cells/cell_notes.h"
#include "../splice/primer_end.h"
#include "cell_tasks.h"
#include "given_chords.h"

namespace continuo::generate {
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

  const score::Ticks start = next_bar_line(primer.score);
  const TickMapping mapping(primer.score, primer.quantised, {start, lines.at(begin)}, tokens::TimeDomain::kMusical);
  const auto bar_lines = lines_in(mapping, lines, begin, end);
  if (!request.options.chords.empty() || request.options.draws_chords)
    CONTINUO_TRY(give_chords(request.options, cells, primer.score, bar_lines, plan));
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    CONTINUO_ASSIGN(const auto written, write_cells(request, plan, seed++, result.likelihood));
    result.score = primer.score;
    result.primer_tokens = primer.tokens.size();
    lift_pedals(result.score, start);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i]) continue;
      score::Track& track = result.score.tracks[i];
      Placement placement{.mapping = mapping, .begin = start};
      placement.most_at_once = request.options.note_rules.most_at_once;
      if (!cells.has_velocities()) placement.velocity = usual_velocity(track);
      CONTINUO_ASSIGN(const auto part, notes_of_track(tokenizer, *names[i], plan.bars, plan.begin, written.bars));
      place_notes(track, part, placement);
    }
    name_chords(request.options, written.chords, bar_lines, {start, bar_lines.back()}, result.score);
    finish(written.bars, result);
  }
  return {};
}

}  // namespace continuo::generate
