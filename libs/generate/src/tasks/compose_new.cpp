#include "../length/length_goal.h"
#include "../rules/closing.h"
#include "../splice/splice.h"
#include "generate_music.h"
#include "task.h"

namespace continuo::generate {
namespace {

bool is_asked(const ComposeOptions&) { return true; }

Status check(const Composer&, const TokenFacts&, const ComposeOptions& options) {
  if (options.ending)
    return Error{ErrorCode::invalid_argument,
                 "an ending is for a primer that is continued; a new piece for given "
                 "instruments has one"};
  if (options.note_rules != NoteRules{} || !options.chords.empty() || options.draws_chords)
    return Error{
        ErrorCode::invalid_argument,
        "chords, range, scale, voices and notes a bar are kept to in a piece for given instruments, or after a "
        "primer, by models of bar_tracks"};
  return check_length(options.length);
}

// Without a primer, bars are as long as in the tokenisation's shortest piece: it may have a usual tempo of its own.
Timing usual_timing(const tokens::Tokenizer& tokenizer, const TokenFacts& facts) {
  if (facts.marks_bars() || facts.in_clock_time()) return {};
  const auto grammar = tokenizer.grammar();
  NextToken next(facts);
  std::vector<TokenId> shortest;
  close_piece(*grammar, next, shortest);
  const auto piece = tokenizer.decode(shortest);
  return piece.ok() ? timing_at_end(*piece) : Timing{};
}

Status run(const Request& base, std::span<Composition> results) {
  Request request = base;
  const auto& tokenizer = *request.composer.tokenizer;
  const Timing timing = usual_timing(tokenizer, request.facts);
  request.goal = length_goal(request.options.length, request.facts, timing, timing);
  CONTINUO_ASSIGN(auto histories, make_histories(request, {}, results.size()));
  CONTINUO_TRY(generate_music(request, histories));
  for (std::size_t i = 0; i < results.size(); ++i) {
    CONTINUO_ASSIGN(results[i].score, tokenizer.decode(histories[i].tokens()));
    if (const auto end = goal_end(request, histories[i], results[i].score)) cut(results[i].score, *end);
    note_drawn(histories[i], 0, results[i]);
  }
  return {};
}

}  // namespace

const Task kComposeNew = {.is_asked = is_asked, .check = check, .run = run};

}  // namespace continuo::generate
