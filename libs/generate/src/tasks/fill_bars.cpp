#include <string>
#include <utility>

#include "continuo/score/bar_grid.h"

#include "../infill/bar_lines.h"
#include "../infill/rewrite_bars.h"
#include "../splice/splice.h"
#include "generate_music.h"
#include "primer.h"
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

Status check(const Composer& composer, const TokenFacts& facts, const ComposeOptions& options) {
  if (!options.primer) return invalid("rewriting bars needs a piece to rewrite");
  if (!is_bidirectional(composer))
    return invalid("a " + composer.model->config().preset +
                   " model can only continue music; rewriting bars needs a bert model");
  if (!facts.marks_bars())
    return invalid("the tokenisation " + std::string(composer.tokenizer->name()) + " has no bars to rewrite");
  const std::size_t bars = score::BarGrid(*options.primer).bars().size();
  const BarRange range = *options.fill;
  if (range.first < 1 || range.last < range.first || std::size_t(range.last) > bars)
    return invalid(to_text(range) + ": the piece has " + std::to_string(bars) + (bars == 1 ? " bar" : " bars"));
  return {};
}

// The bars to rewrite: [begin, end) in the primer's ticks, and as the tokens count them.
struct Region {
  Ticks begin, end;
  TokenBars bars;
};

Result<Region> find_region(const Request& request, const Primer& primer) {
  const score::BarGrid grid(primer.score);
  const BarRange range = *request.options.fill;
  Region region{.begin = grid.bars()[std::size_t(range.first - 1)].onset,
                .end = grid.bars()[std::size_t(range.last - 1)].end(),
                .bars = {}};
  const TokenBarLines lines(*request.composer.tokenizer, request.facts.bar_token(), primer.tokens, primer.quantised);
  CONTINUO_ASSIGN(region.bars, lines.find(primer.score, region.begin, region.end));
  return region;
}

Status fill(const Request& request, const Primer& primer, const Region& region, std::uint64_t seed,
            Composition& result) {
  const auto& tokenizer = *request.composer.tokenizer;
  History history(tokenizer, request.facts);
  CONTINUO_TRY(rewrite_bars(request, primer.tokens, region.bars, seed, history));
  CONTINUO_ASSIGN(const Score decoded, tokenizer.decode(history.tokens()));

  const TokenBarLines lines(tokenizer, request.facts.bar_token(), history.tokens(), decoded);
  const Ticks begin = lines.at(region.bars.begin);
  const NewMusic music{
      .decoded = decoded, .quantised_primer = primer.quantised, .begin = begin, .end = lines.at(region.bars.end)};
  const TickMapping mapping(primer.score, decoded, {region.begin, begin}, tokens::TimeDomain::kMusical);
  result.score = primer.score;
  remove_notes(result.score, region.begin, region.end);
  add_notes(result.score, music, mapping, region.end);
  result.score.sort();
  result.tokens = tokens_from(history, tokenizer.bar_starts(history.tokens())[region.bars.begin]);
  result.primer_tokens = primer.tokens.size();
  return {};
}

Status run(const Request& request, std::span<Composition> results) {
  CONTINUO_ASSIGN(const Primer primer, encode_primer(request.composer, *request.options.primer));
  CONTINUO_ASSIGN(const Region region, find_region(request, primer));
  std::uint64_t seed = request.options.seed;
  for (Composition& result : results) CONTINUO_TRY(fill(request, primer, region, seed++, result));
  return {};
}

}  // namespace

const Task kFillBars = {.is_asked = is_asked, .check = check, .run = run};

}  // namespace continuo::generate
