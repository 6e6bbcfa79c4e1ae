#pragma once

#include <cstdint>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::metrics {

// How well a model predicts a split. Causal models: mean -ln p of every token after BOS, EOS included, in consecutive
// windows of context_length that start afresh (no overlap). Bidirectional: the same over masked tokens,
// chosen by dataset::MaskRule::kValidation, as the trainer's validation does; not comparable with the causal figure.
struct Evaluation {
  double nll_nats_per_token = 0;
  double perplexity = 0;
  double accuracy = 0;       // share of tokens whose most probable prediction was right
  std::uint64_t tokens = 0;  // predicted
  std::uint64_t pieces = 0;
  double bits_per_note = 0;  // total bits over the notes that tokens complete; 0 without EvaluateOptions::tokenizer
  double tokens_per_second = 0;
};

struct EvaluateOptions {
  std::uint64_t max_tokens = 0;  // stop after the window that reaches these many predictions; 0: all
  std::uint64_t seed = 0;        // of the masks
  // That of the model: for bits_per_note, and for models with musical places. Null: neither.
  const tokens::Tokenizer* tokenizer = nullptr;
};

// Errors: incompatible (vocabulary sizes differ; the model has other musical places than the tokenizer, or there is
// none), empty (the split has no piece), interrupted.
Result<Evaluation> evaluate(const engine::Model& model, const dataset::TokenSequences& data,
                            const EvaluateOptions& options, ThreadPool& threads, Progress& progress);

}  // namespace continuo::metrics
