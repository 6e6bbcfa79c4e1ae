#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "continuo/base/nll.h"
#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::metrics {

// How well a model predicts a split. Causal models: mean -ln p of every token after BOS, EOS included, each predicted
// once, in windows of `context` tokens that begin `stride` apart: where they overlap, a window predicts only what the
// one before it did not reach. Bidirectional: mean -ln p of masked tokens, chosen and weighted by
// dataset::MaskRule::kOrderless, as the trainer's validation does: what a token costs where a window is filled in a
// random order; not comparable with the causal figure.
struct Evaluation {
  double nll_nats_per_token = 0;
  double perplexity = 0;
  double accuracy = 0;       // share of tokens whose most probable prediction was right, weighted as the NLL
  std::uint64_t tokens = 0;  // predicted
  std::uint64_t pieces = 0, windows = 0;
  int context = 0, stride = 0;  // tokens
  double tokens_per_second = 0;
  // By which quarter of its window a token is predicted from. A model that loses its way in long contexts has more in
  // the last than in the second.
  std::array<Nll, 4> quarters;
  // The rest without EvaluateOptions::tokenizer is 0 and empty.
  double bits_per_note = 0;          // causal models: total bits over the notes that tokens complete
  double nats_per_step = 0;          // causal models: over the steps of the tokenisation's time (MusicalPosition::step)
  std::map<std::string, Nll> kinds;  // by what words begin with: Pitch of Pitch_60, or "other"
};

// What the predictions of some music add up to. Sums are added piece by piece, in the order of the split, so that those
// of shards are, to the bit, those of one run.
struct EvaluationSums {
  Nll nll;
  double right = 0;  // weight of the tokens whose most probable prediction was right
  std::uint64_t pieces = 0, windows = 0, notes = 0;
  std::int64_t steps = 0;
  std::array<Nll, 4> quarters;
  std::map<std::string, Nll> kinds;
  void add(const EvaluationSums& other);
  friend bool operator==(const EvaluationSums&, const EvaluationSums&) = default;
};

// The sums of each of some pieces of a split.
struct MeasuredPieces {
  std::map<std::size_t, EvaluationSums> by_piece;  // by their number in the split
  std::size_t pieces_of_split = 0;
  bool is_causal = true;
  int context = 0, stride = 0;
  double seconds = 0;  // that it took
};

struct EvaluateOptions {
  std::uint64_t max_tokens = 0;  // stop after the window that reaches these many predictions; 0: all
  std::uint64_t seed = 0;        // of the masks
  int mask_draws = 1;            // of a bidirectional model: how often each window is masked anew. Range: >= 1
  int context = 0;  // tokens of a window; 0: the model's, which is also the most where the model is limited to it
  int stride = 0;   // tokens from one window to the next, at most `context`; 0: `context`, no overlap.
                    // A model with a memory reads windows one after the other: no overlap
  // Of the pieces of the split only those whose number leaves the rest `shard_index` when divided by `shard_count`.
  // Requires: shard_index < shard_count; max_tokens 0 where shard_count > 1.
  std::size_t shard_index = 0, shard_count = 1;
  // That of the model: for all that is about music, and for models with musical places. Null: neither.
  const tokens::Tokenizer* tokenizer = nullptr;
};

// Whether the windows that the options ask for are windows of the model. Errors: invalid_argument, whose message begins
// with the option, "context" or "stride".
Status check_windows(const checkpoint::ModelConfig& config, const EvaluateOptions& options);

// Errors: those of check_windows (context or stride out of range, or windows of a bidirectional model that overlap);
// incompatible (vocabulary sizes differ; the model has other musical places than the tokenizer, or there is none);
// empty (the split has no piece); interrupted.
Result<MeasuredPieces> measure_pieces(const engine::Model& model, const dataset::TokenSequences& data,
                                      const EvaluateOptions& options, ThreadPool& threads, Progress& progress);
Evaluation evaluation_of(const MeasuredPieces& measured);
// Both of them.
Result<Evaluation> evaluate(const engine::Model& model, const dataset::TokenSequences& data,
                            const EvaluateOptions& options, ThreadPool& threads, Progress& progress);

}  // namespace continuo::metrics
