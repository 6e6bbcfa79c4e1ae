#include "continuo/generate/compose.h"

#include <algorithm>
#include <chrono>

#include "continuo/score/bar_grid.h"

#include "bar_lines.h"
#include "closing.h"
#include "continuation.h"
#include "history.h"
#include "infill.h"
#include "request.h"
#include "splice.h"

namespace continuo::generate {
namespace {

using score::Score;
using score::Ticks;

Error invalid(std::string what) { return Error{ErrorCode::invalid_argument, std::move(what)}; }

bool fills_masks(const Composer& composer) {
  return composer.model->config().masking == checkpoint::Masking::kBidirectional;
}

std::string to_text(BarRange bars) {
  return bars.first == bars.last ? "bar " + std::to_string(bars.first)
                                 : "bars " + std::to_string(bars.first) + "-" + std::to_string(bars.last);
}

Status check_fill(const Composer& composer, const TokenFacts& facts, const ComposeOptions& options) {
  if (!options.primer) return invalid("rewriting bars needs a piece to rewrite");
  if (!fills_masks(composer))
    return invalid("a " + composer.model->config().preset +
                   " model can only continue music; rewriting bars needs a bert model");
  if (!facts.marks_bars())
    return invalid("the tokenisation " + std::string(composer.tokenizer->name()) + " has no bars to rewrite");
  const auto bars = std::size_t(score::BarGrid(*options.primer).bars().size());
  const BarRange range = *options.fill;
  if (range.first < 1 || range.last < range.first || std::size_t(range.last) > bars)
    return invalid(to_text(range) + ": the piece has " + std::to_string(bars) + (bars == 1 ? " bar" : " bars"));
  return {};
}

Status check(const Composer& composer, const TokenFacts& facts, const ComposeOptions& options) {
  CONTINUO_TRY(options.sampler.check());
  if (options.rounds < 1) return invalid("there must be at least one round of unmasking");
  if (options.fill) return check_fill(composer, facts, options);
  return check_length(options.length);
}

// A primer: as it came, as tokens, and what these tokens decode to.
struct Primer {
  const Score& score;
  std::vector<TokenId> tokens;
  Score image;
};

Result<Primer> read_primer(const Composer& composer, const Score& score, bool to_rewrite) {
  CONTINUO_ASSIGN(std::vector<TokenId> tokens, composer.tokenizer->encode(score));
  if (tokens.empty()) return invalid("the primer has nothing to continue");
  CONTINUO_ASSIGN(Score image, composer.tokenizer->decode(tokens));
  if (!to_rewrite) tokens = composer.tokenizer->without_closing(tokens);
  return Primer{score, std::move(tokens), std::move(image)};
}

// Where the new music of this history would stop, on the decoded score.
std::optional<Ticks> end_of(const Request& request, const History& history, const Score& decoded) {
  const auto map = decoded.tempo_map();
  if (request.goal.seconds) return map.to_ticks(score::Seconds(request.start_seconds + *request.goal.seconds));
  if (request.goal.bars) {
    const double end = history.end_seconds().value_or(history.seconds_after(request.facts.bar_token()));
    return map.to_ticks(score::Seconds(end));
  }
  return std::nullopt;
}

Status write(const Request& request, std::span<History> histories) {
  if (!fills_masks(request.composer)) return write_causal(request, histories);
  ComposeOptions options = request.options;
  const Request own{request.composer,      request.facts,   options,         request.goal,
                    request.start_seconds, request.threads, request.progress};
  for (History& history : histories) {
    CONTINUO_TRY(write_by_unmasking(own, history));
    ++options.seed;
  }
  return {};
}

// As many copies of a history as there are pieces to write.
std::vector<History> histories_for(const Request& request, std::span<const TokenId> tokens, std::size_t count,
                                   Status& status) {
  std::vector<History> histories;
  for (std::size_t i = 0; i < count && status.ok(); ++i) {
    histories.emplace_back(*request.composer.tokenizer, request.facts);
    status = histories.back().append(tokens);
  }
  return histories;
}

std::vector<TokenId> drawn_tokens(const History& history, std::size_t before) {
  return {history.tokens().begin() + std::ptrdiff_t(before), history.tokens().end()};
}

// A tokenisation may have a usual tempo of its own; which its shortest piece has.
Timing usual_timing(const tokens::Tokenizer& tokenizer, const TokenFacts& facts) {
  if (facts.marks_bars() || facts.in_clock_time()) return {};
  const auto grammar = tokenizer.grammar();
  NextToken next(facts);
  std::vector<TokenId> shortest;
  close_piece(*grammar, next, shortest);
  const auto piece = tokenizer.decode(shortest);
  return piece.ok() ? timing_at_end(*piece) : Timing{};
}

Status compose_new(Request& request, std::span<Composition> results) {
  const Timing timing = usual_timing(*request.composer.tokenizer, request.facts);
  request.goal = length_goal(request.options.length, request.facts, timing, timing);
  Status status;
  auto histories = histories_for(request, {}, results.size(), status);
  CONTINUO_TRY(write(request, histories));
  for (std::size_t i = 0; i < results.size(); ++i) {
    CONTINUO_ASSIGN(results[i].score, request.composer.tokenizer->decode(histories[i].tokens()));
    if (const auto end = end_of(request, histories[i], results[i].score)) cut(results[i].score, *end);
    results[i].tokens = drawn_tokens(histories[i], 0);
  }
  return {};
}

// The primer as it came, followed by what is new in a history.
Status join(const Request& request, const Primer& primer, const History& history, Composition& result) {
  const auto& facts = request.facts;
  CONTINUO_ASSIGN(const Score decoded, request.composer.tokenizer->decode(history.tokens()));
  const Ticks image_end = primer.image.end();
  SplicePoint joint{facts.in_clock_time() ? sounding_end(primer.score) : primer.score.end(), image_end};
  if (facts.marks_bars())
    joint = {bar_line(primer.score), decoded.tempo_map().to_ticks(score::Seconds(request.start_seconds))};
  const TickMapping mapping(primer.score, decoded, joint, facts.time_domain());
  const NewMusic music{decoded, primer.image, joint.decoded, end_of(request, history, decoded)};
  result.score = primer.score;
  lift_pedals(result.score, joint.primer);
  add_notes(result.score, music, mapping);
  if (!facts.in_clock_time()) add_timing(result.score, music, mapping);
  result.score.sort();
  result.tokens = drawn_tokens(history, primer.tokens.size());
  result.primer_tokens = primer.tokens.size();
  return {};
}

Status continue_primer(Request& request, const Primer& primer, std::span<Composition> results) {
  const auto& facts = request.facts;
  Status status;
  auto histories = histories_for(request, primer.tokens, results.size(), status);
  CONTINUO_TRY(status);
  request.start_seconds = facts.marks_bars() ? histories[0].seconds_after(facts.bar_token())
                                             : primer.image.tempo_map().to_seconds(primer.image.end()).value;
  request.goal = length_goal(request.options.length, facts, timing_at_end(primer.score), timing_at_end(primer.image));
  CONTINUO_TRY(write(request, histories));
  for (std::size_t i = 0; i < results.size(); ++i) CONTINUO_TRY(join(request, primer, histories[i], results[i]));
  return {};
}

Status fill_primer(Request& request, const Primer& primer, Composition& result) {
  const score::BarGrid grid(primer.score);
  const BarRange range = *request.options.fill;
  const Ticks first = grid.bars()[std::size_t(range.first - 1)].onset;
  const Ticks last = grid.bars()[std::size_t(range.last - 1)].end();
  const TokenId bar = request.facts.bar_token();
  const TokenBarLines lines(*request.composer.tokenizer, bar, primer.tokens, primer.image);
  CONTINUO_ASSIGN(const TokenBars bars, lines.find(primer.score, first, last));

  History history(*request.composer.tokenizer, request.facts);
  CONTINUO_TRY(rewrite_bars(request, primer.tokens, bars, history));
  CONTINUO_ASSIGN(const Score decoded, request.composer.tokenizer->decode(history.tokens()));
  const TokenBarLines new_lines(*request.composer.tokenizer, bar, history.tokens(), decoded);
  const Ticks begin = new_lines.at(bars.begin), end = new_lines.at(bars.end);

  const TickMapping mapping(primer.score, decoded, SplicePoint{first, begin}, tokens::TimeDomain::kMusical);
  result.score = primer.score;
  remove_notes(result.score, first, last);
  add_notes(result.score, {decoded, primer.image, begin, end}, mapping, last);
  result.score.sort();
  result.tokens = drawn_tokens(history, request.composer.tokenizer->bar_starts(history.tokens())[bars.begin]);
  result.primer_tokens = primer.tokens.size();
  return {};
}

// Bars are rewritten one variation after the other.
Status fill_primer_often(Request& request, const Primer& primer, std::span<Composition> results) {
  ComposeOptions options = request.options;
  Request own{request.composer, request.facts, options, {}, 0, request.threads, request.progress};
  for (Composition& result : results) {
    CONTINUO_TRY(fill_primer(own, primer, result));
    ++options.seed;
  }
  return {};
}

Status compose_into(Request& request, std::span<Composition> results) {
  const auto& options = request.options;
  if (!options.primer) return compose_new(request, results);
  CONTINUO_ASSIGN(const Primer primer, read_primer(request.composer, *options.primer, options.fill.has_value()));
  return options.fill ? fill_primer_often(request, primer, results) : continue_primer(request, primer, results);
}

}  // namespace

Result<std::vector<Composition>> compose_variations(const Composer& composer, const ComposeOptions& options, int count,
                                                    ThreadPool& threads, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  const TokenFacts facts(*composer.tokenizer);
  CONTINUO_TRY(check(composer, facts, options));
  if (count < 1) return invalid("there must be at least one variation");
  Request request{composer, facts, options, {}, 0, threads, progress};
  std::vector<Composition> results(static_cast<std::size_t>(count));
  CONTINUO_TRY(compose_into(request, results));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (Composition& result : results) result.seconds = seconds;
  return results;
}

Result<Composition> compose(const Composer& composer, const ComposeOptions& options, ThreadPool& threads,
                            Progress& progress) {
  CONTINUO_ASSIGN(auto results, compose_variations(composer, options, 1, threads, progress));
  return std::move(results[0]);
}

}  // namespace continuo::generate
