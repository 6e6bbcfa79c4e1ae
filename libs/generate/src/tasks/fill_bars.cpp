#include <algorithm>
#include <string>
#include <utility>

#include "continuo/score/bar_grid.h"

#include "../infill/bar_lines.h"
#include "../infill/rewrite_bars.h"
#include "../infill/token_steps.h"
#include "../splice/splice.h"
#include "cell_tasks.h"
#include "generate_music.h"
#include "given_chords.h"
#include "note_rules.h"
#include "primer.h"
#include "region.h"
#include "task.h"

namespace continuo::generate {
namespace {

using score::Score;
using score::Ticks;

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

std::string to_text(BarRange bars) {
  return bars.first == bars.last ? "bar " + std::to_string(bars.first)
                                 : "bars " + std::to_string(bars.first) + "-" + std::to_string(bars.last);
}

bool is_asked(const ComposeOptions& options) { return options.fill.has_value(); }

Status check_model(const Composer& composer, const ComposeOptions& options) {
  const bool by_cells = can_write_cells(composer);
  const std::string tokenisation(composer.tokenizer->name());
  if (!is_bidirectional(composer) && !by_cells)
    return invalid("a " + composer.model->config().preset + " model of the tokenisation " + tokenisation +
                   " can only continue music; rewriting bars needs a bert model, or one of bar_tracks");
  if ((options.note_rules != NoteRules{} || !options.chords.empty() || options.draws_chords) && !by_cells)
    return invalid(
        "keeping to chords, a range, a scale, a grid or a number of notes needs a causal model of the tokenisation "
        "bar_tracks");
  if (options.keep != Keep::kNothing && !by_cells)
    return invalid("keeping the rhythm or the pitches needs a causal model of the tokenisation bar_tracks");
  if (!options.locked.empty() && !by_cells)
    return invalid("locking notes needs a causal model of the tokenisation bar_tracks");
  if (!options.fill_tracks.empty() && !by_cells)
    return invalid("rewriting some tracks and not all needs a causal model of the tokenisation bar_tracks");
  const TokenFacts facts(*composer.tokenizer);
  if (facts.marks_bars() || TokenSteps::can_count(*composer.tokenizer)) return {};
  return invalid("the tokenisation " + tokenisation + " has no bars to rewrite");
}

Status check(const Composer& composer, const TokenFacts&, const ComposeOptions& options) {
  if (can_write_cells(composer)) {
    CONTINUO_TRY(check_rules(options.note_rules, *composer.tokenizer->track_cells()));
    CONTINUO_TRY(check_chords(options, *composer.tokenizer->track_cells()));
  }
  const NoteRules& rules = options.note_rules;
  if (options.keep == Keep::kRhythm && (rules.most_at_once > 0 || rules.notes_per_bar > 0 || rules.grid > 0))
    return invalid("a rhythm that is kept leaves no choice of voices, of notes a bar or of a grid");
  if (options.keep == Keep::kPitches && (rules != NoteRules{} || !options.locked.empty()))
    return invalid(
        "pitches that are kept leave no choice of a range, a scale, voices, notes a bar, a grid or locked notes");
  if (options.ending) return invalid("bars that are rewritten lie within the piece: they have no ending of their own");
  if (!(options.strength >= 0 && options.strength <= 1)) return invalid("the strength must be from 0 to 1");
  if (!options.primer) return invalid("rewriting bars needs a piece to rewrite");
  for (const std::size_t track : options.fill_tracks)
    if (track >= options.primer->tracks.size()) return invalid("there is no track " + std::to_string(track + 1));
  const std::size_t bars = score::BarGrid(*options.primer).bars().size();
  const BarRange range = *options.fill;
  if (range.first < 1 || range.last < range.first || std::size_t(range.last) > bars)
    return invalid(to_text(range) + ": the piece has " + std::to_string(bars) + (bars == 1 ? " bar" : " bars"));
  return {};
}

// Puts the notes of [begin, end) of `decoded` in place of those of the region.
void replace_notes(const Primer& primer, Region region, const Score& decoded, Region at, Composition& result) {
  const NewMusic music{.decoded = decoded, .quantised_primer = primer.quantised, .begin = at.begin, .end = at.end};
  const TickMapping mapping(primer.score, decoded, {region.begin, at.begin}, tokens::TimeDomain::kMusical);
  result.score = primer.score;
  remove_notes(result.score, region.begin, region.end);
  add_notes(result.score, music, mapping, region.end);
  result.score.sort();
  result.primer_tokens = primer.tokens.size();
}

// Where the tokens name bars.
Status fill_bars(const Request& request, const Primer& primer, std::span<Composition> results) {
  const auto& tokenizer = *request.composer.tokenizer;
  const Region region = region_of(primer.score, *request.options.fill);
  const TokenBarLines old_lines(tokenizer, request.facts.bar_token(), primer.tokens, primer.quantised);
  CONTINUO_ASSIGN(const TokenBars bars, old_lines.find(primer.score, region.begin, region.end));
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    History history(tokenizer, request.facts);
    history.limit_instruments(instruments_of(primer.quantised));
    CONTINUO_TRY(rewrite_bars(request, primer.tokens, bars, seed++, history));
    CONTINUO_ASSIGN(const Score decoded, tokenizer.decode(history.tokens()));
    const TokenBarLines lines(tokenizer, request.facts.bar_token(), history.tokens(), decoded);
    replace_notes(primer, region, decoded, {lines.at(bars.begin), lines.at(bars.end)}, result);
    note_drawn(history, tokenizer.bar_starts(history.tokens())[bars.begin], result);
  }
  return {};
}

// Where the number of tokens is the time. In a grid of voices a pitch that is struck again reads as one that is held,
// so what sounds over the first bar line is a new note there, unless the primer's own note still sounds.
Status fill_steps(const Request& request, const Primer& primer, std::span<Composition> results) {
  const auto& tokenizer = *request.composer.tokenizer;
  const Region region = region_of(primer.score, *request.options.fill);
  const TokenSteps steps(tokenizer, primer.quantised);
  CONTINUO_ASSIGN(const TokenRange range, steps.find(primer.score, region.begin, region.end, primer.tokens.size()));
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) {
    History history(tokenizer, request.facts);
    CONTINUO_TRY(rewrite_steps(request, primer.tokens, range, seed++, history));
    CONTINUO_ASSIGN(Score decoded, tokenizer.decode(history.tokens()));
    const Region at{steps.at(range.begin), steps.at(range.end)};
    split_notes(decoded, at.begin);
    replace_notes(primer, region, decoded, at, result);
    note_drawn(history, range.begin, result);
    result.tokens.resize(std::min(result.tokens.size(), range.end - range.begin));  // without what closes the history
  }
  return {};
}

Status run(const Request& request, std::span<Composition> results) {
  CONTINUO_ASSIGN(const Primer primer, encode_primer(request.composer, *request.options.primer));
  if (can_write_cells(request.composer)) return fill_cells(request, primer, results);
  return request.facts.marks_bars() ? fill_bars(request, primer, results) : fill_steps(request, primer, results);
}

}  // namespace

const Task kFillBars = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
