#include "../length/length_goal.h"
#include "../splice/primer_end.h"
#include "../splice/splice.h"
#include "cell_tasks.h"
#include "generate_music.h"
#include "given_chords.h"
#include "note_rules.h"
#include "primer.h"
#include "task.h"

namespace continuo::generate {
namespace {

using score::Score;

bool is_asked(const ComposeOptions& options) { return options.primer.has_value(); }

bool by_cells(const Composer& composer, const ComposeOptions& options) {
  return can_write_cells(composer) && options.length.unit == LengthUnit::kBars && !options.stop_at_end;
}

Status check_model(const Composer& composer, const ComposeOptions& options) {
  if (!options.ending || can_write_cells(composer)) return {};
  return Error{ErrorCode::invalid_argument, "a " + composer.model->config().preset + " model of the tokenisation " +
                                                std::string(composer.tokenizer->name()) +
                                                " cannot be led to an ending; a causal model of bar_tracks can"};
}

Status check(const Composer& composer, const TokenFacts&, const ComposeOptions& options) {
  CONTINUO_TRY(check_length(options.length));
  if (!by_cells(composer, options)) {
    if (options.note_rules != NoteRules{} || !options.chords.empty() || options.draws_chords)
      return Error{ErrorCode::invalid_argument,
                   "chords, range, scale, voices and notes a bar are kept to in new bars that a causal model of "
                   "bar_tracks adds"};
    if (!options.ending) return {};
    return Error{ErrorCode::invalid_argument, "the length of a piece that is led to an ending is asked for in bars"};
  }
  CONTINUO_TRY(check_chords(options, *composer.tokenizer->track_cells()));
  return check_rules(options.note_rules, *composer.tokenizer->track_cells());
}

// Where the new music starts: at a bar line where the tokenisation has them, otherwise at the end of the primer.
SplicePoint splice_point(const Request& request, const Primer& primer, const Score& decoded) {
  if (request.facts.marks_bars())
    return {next_bar_line(primer.score), decoded.tempo_map().to_ticks(score::Seconds(request.start_seconds))};
  return {request.facts.in_clock_time() ? sounding_end(primer.score) : primer.score.end(), primer.quantised.end()};
}

// The primer as it was passed, followed by what is new in `history`.
Status join(const Request& request, const Primer& primer, const History& history, Composition& result) {
  CONTINUO_ASSIGN(const Score decoded, request.composer.tokenizer->decode(history.tokens()));
  const SplicePoint splice = splice_point(request, primer, decoded);
  const TickMapping mapping(primer.score, decoded, splice, request.facts.time_domain());
  const NewMusic music{.decoded = decoded,
                       .quantised_primer = primer.quantised,
                       .begin = splice.decoded,
                       .end = goal_end(request, history, decoded)};
  result.score = primer.score;
  lift_pedals(result.score, splice.primer);
  add_notes(result.score, music, mapping);
  if (!request.facts.in_clock_time()) add_timing(result.score, music, mapping);
  result.score.sort();
  note_drawn(history, primer.tokens.size(), result);
  result.primer_tokens = primer.tokens.size();
  return {};
}

Status run(const Request& base, std::span<Composition> results) {
  Request request = base;
  const auto& facts = request.facts;
  CONTINUO_ASSIGN(Primer primer, encode_primer(request.composer, *request.options.primer));
  if (by_cells(request.composer, request.options)) return extend_cells(request, primer, results);
  primer.tokens = request.composer.tokenizer->without_closing(primer.tokens);
  CONTINUO_ASSIGN(auto histories, make_histories(request, primer.tokens, results.size()));
  request.start_seconds = facts.marks_bars() ? histories[0].seconds_after(facts.bar_token())
                                             : primer.quantised.tempo_map().to_seconds(primer.quantised.end()).value;
  request.goal =
      length_goal(request.options.length, facts, timing_at_end(primer.score), timing_at_end(primer.quantised));
  // A continuation is for the instruments of its primer.
  for (History& history : histories) history.limit_instruments(instruments_of(primer.quantised));
  CONTINUO_TRY(generate_music(request, histories));
  for (std::size_t i = 0; i < results.size(); ++i) CONTINUO_TRY(join(request, primer, histories[i], results[i]));
  return {};
}

}  // namespace

const Task kContinuePrimer = {.is_asked = is_asked, .check_model = check_model, .check = check, .run = run};

}  // namespace continuo::generate
