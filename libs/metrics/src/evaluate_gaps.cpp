#include "continuo/metrics/evaluate_gaps.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "continuo/dataset/musical_places.h"
#include "continuo/tokens/task_sequence.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::metrics {
namespace {

using tokens::CellBar;
using tokens::TaskSequence;
using tokens::TrackCell;
using tokens::TrackCells;
using tokens::TrackName;

constexpr std::size_t kMostAhead = 4;  // bars

struct Gap {
  std::size_t begin = 0, end = 0;  // bars
};

class GapEvaluator {
 public:
  GapEvaluator(const engine::Model& model, const tokens::Tokenizer& tokenizer, ThreadPool& threads)
      : model_(model), cells_(*tokenizer.track_cells()), places_(tokenizer), threads_(threads) {}

  // False where the gap is left out.
  bool add(std::span<const CellBar> bars, Gap gap) {
    if (tracks_of(bars.subspan(gap.begin, gap.end - gap.begin)).empty()) return false;
    const std::vector<TrackName> tracks = tracks_of(bars);
    const auto context = std::size_t(model_.config().context_length);
    std::size_t first = gap.begin;
    if (written(bars, gap, first, tracks, true).tokens.size() > context + 1) return false;
    while (first > 0 && written(bars, gap, first - 1, tracks, true).tokens.size() <= context + 1) --first;
    grade(written(bars, gap, first, tracks, false), evaluation_.before);
    grade(written(bars, gap, first, tracks, true), evaluation_.around);
    ++evaluation_.gaps;
    return true;
  }

  GapEvaluation evaluation() const { return evaluation_; }

 private:
  // From `asked` on are the bars of the gap.
  struct Sequence {
    std::vector<TokenId> tokens;
    std::size_t asked = 0;
  };

  // From the bar `first` on to the end of the gap.
  Sequence written(std::span<const CellBar> bars, Gap gap, std::size_t first, std::span<const TrackName> tracks,
                   bool with_ahead) const {
    TaskSequence sequence(cells_);
    sequence.append(std::vector<TokenId>{tokens::kBos});
    const auto after = bars.subspan(gap.end);
    if (with_ahead) sequence.ahead(after.first(std::min(after.size(), kMostAhead)));
    for (const CellBar& bar : bars.subspan(first, gap.begin - first)) sequence.given(bar);
    const std::size_t asked = sequence.tokens().size();
    for (std::size_t i = gap.begin; i < gap.end; ++i) {
      sequence.head(bars[i].head, gap.end - i - 1);
      for (const TrackName track : tracks) {
        sequence.ask(track);
        const TrackCell* cell = bars[i].find(track);
        cell == nullptr ? sequence.silent() : sequence.append(cell->notes);
      }
    }
    return {sequence.tokens(), asked};
  }

  // The targets are what `compose infill` draws: notes, and that a track is silent.
  void grade(const Sequence& sequence, Nll& sum) {
    const auto vocab = std::size_t(model_.config().vocab_size);
    const std::size_t size = sequence.tokens.size() - 1;
    std::vector<MusicalPlace> places(size);
    places_.read(std::vector<std::uint16_t>(sequence.tokens.begin(), sequence.tokens.end()), 0, places);
    logits_.resize(size * vocab);
    model_.forward({std::span(sequence.tokens).first(size), places}, logits_, threads_);
    for (std::size_t i = sequence.asked; i <= size; ++i) {
      const TokenId target = sequence.tokens[i];
      if (cells_.role(target) != TrackCells::Role::kNote && target != cells_.silent()) continue;
      sum.add(nll(std::span(logits_).subspan((i - 1) * vocab, vocab), target), 1, 1);
    }
  }

  static double nll(std::span<const float> logits, TokenId target) {
    const double best = double(*std::ranges::max_element(logits));
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double(logit) - best);
    return std::log(sum) + best - double(logits[std::size_t(target)]);
  }

  const engine::Model& model_;
  const TrackCells& cells_;
  dataset::MusicalPlaces places_;
  ThreadPool& threads_;
  std::vector<float> logits_;
  GapEvaluation evaluation_;
};

Status check(const engine::Model& model, const tokens::Tokenizer& tokenizer, const GapOptions& options) {
  if (tokenizer.track_cells() == nullptr || model.config().masking != checkpoint::Masking::kCausal)
    return Error{ErrorCode::invalid_argument, "gaps can be asked of causal models of the tokenizer bar_tracks"};
  if (options.bars < 1) return Error{ErrorCode::invalid_argument, "a gap has at least one bar"};
  if (tokenizer.vocabulary().size() == model.config().vocab_size) return {};
  return Error{ErrorCode::incompatible, "the model's vocabulary is not that of its tokenizer"};
}

}  // namespace

Result<GapEvaluation> evaluate_gaps(const engine::Model& model, const dataset::TokenSequences& data,
                                    const tokens::Tokenizer& tokenizer, const GapOptions& options, ThreadPool& threads,
                                    Progress& progress) {
  CONTINUO_TRY(check(model, tokenizer, options));
  GapEvaluator evaluator(model, tokenizer, threads);
  std::uint64_t pieces = 0;
  const auto length = std::size_t(options.bars);
  const auto enough = [&] { return options.max_gaps > 0 && evaluator.evaluation().gaps >= options.max_gaps; };
  for (std::size_t piece = 0; piece < data.pieces() && !enough(); ++piece) {
    const auto tokens = data.piece(piece);
    const auto bars = tokenizer.track_cells()->bars(std::vector<TokenId>(tokens.begin(), tokens.end()));
    bool has_gap = false;
    for (std::size_t begin = length; begin + length < bars.size() && !enough(); begin += 2 * length) {
      if (progress.stop_requested()) return Error{ErrorCode::interrupted, "the evaluation was stopped"};
      has_gap |= evaluator.add(bars, {begin, begin + length});
    }
    pieces += has_gap;
    progress.update(piece + 1, data.pieces(), std::to_string(evaluator.evaluation().gaps) + " gaps");
  }
  GapEvaluation evaluation = evaluator.evaluation();
  evaluation.pieces = pieces;
  if (evaluation.gaps == 0) return Error{ErrorCode::empty, "no piece has a gap that fits into the model's context"};
  return evaluation;
}

}  // namespace continuo::metrics
