#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "continuo/base/thread_pool.h"
#include "continuo/dataset/augmented_feed.h"
#include "continuo/dataset/windows.h"

namespace continuo::train {

// A window of a batch.
struct BatchRow {
  std::int64_t count = 0;  // of its targets
  double weight = 1;       // of each of them
};

// Windows as tensors. Only targets that count are kept, with the places where they stand.
struct Batch {
  torch::Tensor inputs;          // [batch, time] int64
  torch::Tensor padding;         // as neural::Pass::padding; undefined where nothing is to be left out
  torch::Tensor places;          // [count] int64: indices into batch x time
  torch::Tensor targets;         // [count] int64
  torch::Tensor musical_places;  // [2, batch, time] int64 as in neural::Pass, or undefined
  std::vector<BatchRow> rows;    // for validation, one after the other in `targets`; empty: each target has weight 1
  std::int64_t count = 0;
};

enum class Objective { kNextToken, kMaskedTraining, kMaskedValidation };

// Batch number `step` as a function of (data, options, objective, step). Time is cut to the longest row, rounded up,
// which changes no result and saves the work on padding.
class BatchSource {
 public:
  // Sets the options' targets by the objective. Requires: `sequences` outlives this.
  BatchSource(const dataset::TokenSequences& sequences, dataset::WindowOptions options, Objective objective);
  // Of pieces that are moved anew in each epoch, by so many threads. Requires: `pieces` outlives this.
  BatchSource(const dataset::AugmentedPieces& pieces, dataset::WindowOptions options, Objective objective, int threads);

  Batch get(std::uint64_t step) const;
  // Of the pieces as they are stored.
  const dataset::WindowBatches& windows() const { return windows_; }

 private:
  // The weight of each row's targets.
  std::vector<double> mask_rows(std::uint64_t step, const dataset::WindowRows& rows) const;

  dataset::WindowBatches windows_;
  Objective objective_;
  std::unique_ptr<ThreadPool> threads_;
  std::unique_ptr<const dataset::AugmentedBatches> augmented_;  // null: windows_ are dealt
};

}  // namespace continuo::train
