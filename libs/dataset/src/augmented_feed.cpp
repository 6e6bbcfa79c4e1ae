#include "continuo/dataset/augmented_feed.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/tokens/tokenizer.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {

Result<AugmentedPieces> AugmentedPieces::make(const TokenDataset& dataset, const Augmentation& augmentation,
                                              std::uint64_t seed) {
  if (!augmentation.is_valid()) return Error{ErrorCode::invalid_argument, "an augmentation is out of range", {}, {}};
  AugmentedPieces pieces;
  CONTINUO_ASSIGN(pieces.tokenizer_, tokens::tokenizer_from_json(dataset.tokenizer()));
  pieces.training_ = dataset.split(Split::kTrain);
  pieces.augmentation_ = augmentation;
  pieces.seed_ = seed;
  return pieces;
}

std::vector<std::uint16_t> AugmentedPieces::piece(std::uint64_t epoch, std::size_t index) const {
  const auto original = training_.piece(index);
  std::vector<std::uint16_t> as_it_is(original.begin(), original.end());
  if (augmentation_.changes_nothing()) return as_it_is;
  auto score = tokenizer_->decode(std::vector<TokenId>(original.begin(), original.end()));
  if (!score.ok()) return as_it_is;
  const Rng rng(mix_seed(mix_seed(seed_, epoch), index));
  const auto ids = tokenizer_->encode(augmented(*std::move(score), augmentation_, rng));
  if (!ids.ok()) return as_it_is;
  std::vector<std::uint16_t> tokens;
  tokens.reserve(ids->size() + 2);
  tokens.push_back(std::uint16_t(tokens::kBos));
  tokens.insert(tokens.end(), ids->begin(), ids->end());
  tokens.push_back(std::uint16_t(tokens::kEos));
  return tokens;
}

TokenSequences AugmentedPieces::epoch(std::uint64_t number, ThreadPool& threads) const {
  std::vector<std::vector<std::uint16_t>> made(pieces());
  std::vector<std::string> names(pieces());
  threads.parallel_for(pieces(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      made[i] = piece(number, i);
      names[i] = training_.name(i);
    }
  });
  return TokenSequences::in_memory(std::move(made), std::move(names));
}

AugmentedBatches::AugmentedBatches(const AugmentedPieces& pieces, WindowOptions options, ThreadPool& threads)
    : pieces_(pieces),
      options_(options),
      threads_(threads),
      batches_per_epoch_(WindowBatches(pieces.originals(), options).batches_per_epoch()) {}

std::shared_ptr<const AugmentedBatches::Epoch> AugmentedBatches::epoch(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  if (current_ && current_->number == number) return current_;
  current_.reset();  // before the next one is made: memory for one
  auto made = std::make_shared<Epoch>();
  made->number = number;
  made->sequences = pieces_.epoch(number, threads_);
  WindowOptions options = options_;
  options.seed = mix_seed(options.seed, number);
  made->windows.emplace(made->sequences, options);
  current_ = std::move(made);
  return current_;
}

std::uint64_t AugmentedBatches::batch(std::uint64_t step, std::span<std::int64_t> inputs,
                                      std::span<std::int64_t> targets, std::span<std::int64_t> lengths) const {
  const std::uint64_t per_epoch = std::max<std::uint64_t>(1, batches_per_epoch_);
  const auto own = epoch(step / per_epoch);
  return own->windows->batch(step % per_epoch, inputs, targets, lengths);
}

}  // namespace continuo::dataset
