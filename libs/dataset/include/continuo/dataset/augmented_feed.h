#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "continuo/base/result.h"
#include "continuo/base/thread_pool.h"
#include "continuo/dataset/augmentation.h"
#include "continuo/dataset/dataset.h"
#include "continuo/dataset/windows.h"

namespace continuo::tokens {
class Tokenizer;
}

namespace continuo::dataset {

// A data set's training pieces, augmented on the fly: tokens become a score, the score is augmented, and becomes tokens
// again. Only ever of the training split, so that nothing of it reaches validation.
class AugmentedPieces {
 public:
  // Errors: those of tokenizer_from_json; invalid_argument (an augmentation out of range).
  static Result<AugmentedPieces> make(const TokenDataset& dataset, const Augmentation& augmentation,
                                      std::uint64_t seed);

  std::size_t pieces() const { return training_.pieces(); }
  // With BOS and EOS; a function of (data set, augmentation, seed, epoch, index) alone, thread-safe. A piece that
  // the tokenizer cannot spell after it was moved is given as it is.
  std::vector<std::uint16_t> piece(std::uint64_t epoch, std::size_t index) const;
  // All of an epoch. Memory: two bytes a token. The result does not depend on the number of threads.
  TokenSequences epoch(std::uint64_t number, ThreadPool& threads) const;

  const TokenSequences& originals() const { return training_; }

 private:
  TokenSequences training_;  // shares the mapped files
  std::shared_ptr<const tokens::Tokenizer> tokenizer_;
  Augmentation augmentation_;
  std::uint64_t seed_ = 0;
};

// Batches of windows of augmented pieces, as WindowBatches gives them of the pieces as they are. An epoch has as many
// batches as without augmentation: where moved pieces make more windows a few are not dealt, where they make less a few
// come twice.
//
// What a batch holds depends on (pieces, options, step) alone; with several ranks give each its own steps. Thread-safe;
// the first batch of an epoch waits until all of its pieces are made. Memory: the tokens of one epoch.
class AugmentedBatches {
 public:
  // Requires: options.order is kShuffled; pieces and threads outlive this.
  AugmentedBatches(const AugmentedPieces& pieces, WindowOptions options, ThreadPool& threads);

  std::uint64_t batches_per_epoch() const { return batches_per_epoch_; }
  // As WindowBatches::batch().
  std::uint64_t batch(std::uint64_t step, std::span<std::int64_t> inputs, std::span<std::int64_t> targets,
                      std::span<std::int64_t> lengths = {}) const;

 private:
  struct Epoch {
    std::uint64_t number = 0;
    TokenSequences sequences;
    std::optional<WindowBatches> windows;
  };
  std::shared_ptr<const Epoch> epoch(std::uint64_t number) const;

  const AugmentedPieces& pieces_;
  WindowOptions options_;
  ThreadPool& threads_;
  std::uint64_t batches_per_epoch_ = 0;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Epoch> current_;
};

}  // namespace continuo::dataset
