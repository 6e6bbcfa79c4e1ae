#pragma once

#include <cstddef>
#include <cstdint>

#include "continuo/base/nll.h"
#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/dataset.h"
#include "continuo/engine/model.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::metrics {

struct GapOptions {
  int bars = 4;                // of a gap. Range: 1 upwards
  std::uint64_t max_gaps = 0;  // 0: all
};

// What the true contents of gaps cost a model: mean -ln p of the notes in them, and of tracks being silent, as
// `compose infill` asks for them. Both sums are over the same tokens, after the same bars before the gap.
struct GapEvaluation {
  Nll before;  // of the bars around the gap only those before it were given
  Nll around;  // those after it, at most four, were given too
  std::uint64_t gaps = 0, pieces = 0;
};

// Gaps follow one another at a distance of twice their length, from as many bars on. Left out are gaps without notes,
// those that nothing follows, and those that do not fit into the model's context with the bars after them.
// Errors: invalid_argument (the tokenizer has no track cells, or the model is not causal); incompatible (it has another
// vocabulary); empty (there is no such gap); interrupted.
Result<GapEvaluation> evaluate_gaps(const engine::Model& model, const dataset::TokenSequences& data,
                                    const tokens::Tokenizer& tokenizer, const GapOptions& options, ThreadPool& threads,
                                    Progress& progress);

}  // namespace continuo::metrics
