#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

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
  // the tokenizer cannot encode after it was moved is given as it is.
  std::vector<std::uint16_t> piece(std::uint64_t epoch, std::size_t index) const;
  // These pieces of an epoch, in this order. Memory: two bytes a token. The result does not depend on the number of
  // threads.
  TokenSequences made(std::uint64_t epoch, std::span<const std::uint32_t> indices, ThreadPool& threads) const;

  const TokenSequences& originals() const { return training_; }

 private:
  TokenSequences training_;  // shares the mapped files
  std::shared_ptr<const tokens::Tokenizer> tokenizer_;
  Augmentation augmentation_;
  std::uint64_t seed_ = 0;
};

// Batches of windows of augmented pieces, as WindowBatches gives them of the pieces as they are. An epoch has as many
// batches as without augmentation: where moved pieces make more windows a few are not dealt, where they make less a few
// come twice. A set of more than `tokens_at_once` tokens comes in parts: other pieces together in each epoch, and
// windows are shuffled within a part.
//
// What a batch holds depends on (pieces, options, tokens_at_once, step) alone; with several ranks give each its own
// steps. Thread-safe; the first batch of a part waits until all of its pieces are made. Memory: the tokens of one part.
class AugmentedBatches {
 public:
  static constexpr std::uint64_t kTokensAtOnce = std::uint64_t{1} << 26;  // 128 MiB

  // Requires: options.order is kShuffled; tokens_at_once >= 1; pieces and threads outlive this.
  AugmentedBatches(const AugmentedPieces& pieces, const WindowOptions& options, ThreadPool& threads,
                   std::uint64_t tokens_at_once = kTokensAtOnce);

  std::uint64_t batches_per_epoch() const { return batches_per_epoch_; }
  // As WindowBatches::batch().
  std::uint64_t batch(std::uint64_t step, const WindowRows& rows) const;

 private:
  // Which pieces of an epoch are made together, and from which of its batches on they are dealt.
  struct Plan {
    std::uint64_t epoch = 0;
    std::vector<std::uint32_t> order;
    std::vector<std::size_t> first_piece;    // of each part; one more entry holds the end
    std::vector<std::uint64_t> first_batch;  // likewise
  };
  struct Part {
    std::uint64_t epoch = 0, first_batch = 0, end_batch = 0;
    TokenSequences sequences;
    std::optional<WindowBatches> windows;
  };
  Plan plan(std::uint64_t epoch) const;
  std::shared_ptr<const Part> part(std::uint64_t epoch, std::uint64_t batch) const;

  const AugmentedPieces& pieces_;
  WindowOptions options_;
  ThreadPool& threads_;
  std::uint64_t batches_per_epoch_ = 0, parts_ = 1;
  mutable std::mutex mutex_;
  mutable Plan plan_;
  mutable std::shared_ptr<const Part> current_;
};

}  // namespace continuo::dataset
