#include "continuo/dataset/augmented_feed.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "continuo/base/rng.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"
#include "continuo/tokens/vocabulary.h"

#include "windows/permutation.h"

namespace continuo::dataset {
namespace {

constexpr std::uint64_t kOrderStream = 0x7061727473;  // keeps the order of pieces apart from other draws of the seed

}  // namespace

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

TokenSequences AugmentedPieces::made(std::uint64_t epoch, std::span<const std::uint32_t> indices,
                                     ThreadPool& threads) const {
  std::vector<std::vector<std::uint16_t>> made(indices.size());
  std::vector<std::string> names(indices.size());
  threads.parallel_for(indices.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      made[i] = piece(epoch, indices[i]);
      names[i] = training_.name(indices[i]);
    }
  });
  return TokenSequences::in_memory(std::move(made), std::move(names));
}

AugmentedBatches::AugmentedBatches(const AugmentedPieces& pieces, const WindowOptions& options, ThreadPool& threads,
                                   std::uint64_t tokens_at_once)
    : pieces_(pieces),
      options_(options),
      threads_(threads),
      batches_per_epoch_(std::max<std::uint64_t>(1, WindowBatches(pieces.originals(), options).batches_per_epoch())),
      parts_(std::max<std::uint64_t>(1, (pieces.originals().tokens() + tokens_at_once - 1) / tokens_at_once)),
      plan_(plan(0)) {}

AugmentedBatches::Plan AugmentedBatches::plan(std::uint64_t epoch) const {
  const TokenSequences& originals = pieces_.originals();
  const std::uint64_t seed = mix_seed(mix_seed(options_.seed, kOrderStream), epoch);
  Plan plan;
  plan.epoch = epoch;
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < originals.pieces(); ++i) {
    if (done * parts_ >= originals.tokens() * plan.first_piece.size()) {
      plan.first_piece.push_back(i);
      plan.first_batch.push_back(batches_per_epoch_ * done / originals.tokens());
    }
    plan.order.push_back(std::uint32_t(parts_ > 1 ? permute(i, originals.pieces(), seed) : i));
    done += originals.piece(plan.order.back()).size();
  }
  plan.first_piece.push_back(originals.pieces());
  plan.first_batch.push_back(batches_per_epoch_);
  return plan;
}

std::shared_ptr<const AugmentedBatches::Part> AugmentedBatches::part(std::uint64_t epoch, std::uint64_t batch) const {
  const std::lock_guard lock(mutex_);
  if (current_ && current_->epoch == epoch && batch >= current_->first_batch && batch < current_->end_batch)
    return current_;
  current_.reset();  // before the next one is made: memory for one
  if (plan_.epoch != epoch) plan_ = plan(epoch);
  const auto after = std::upper_bound(plan_.first_batch.begin(), plan_.first_batch.end() - 1, batch);
  const auto number = std::size_t(after - plan_.first_batch.begin()) - 1;
  auto made = std::make_shared<Part>();
  made->epoch = epoch;
  made->first_batch = plan_.first_batch[number];
  made->end_batch = plan_.first_batch[number + 1];
  const std::size_t first = plan_.first_piece[number], end = plan_.first_piece[number + 1];
  made->sequences = pieces_.made(epoch, std::span(plan_.order).subspan(first, end - first), threads_);
  WindowOptions options = options_;
  options.seed = mix_seed(options.seed + number, epoch);
  made->windows.emplace(made->sequences, options);
  current_ = std::move(made);
  return current_;
}

std::uint64_t AugmentedBatches::batch(std::uint64_t step, const WindowRows& rows) const {
  const std::uint64_t batch = step % batches_per_epoch_;
  const auto own = part(step / batches_per_epoch_, batch);
  return own->windows->batch(batch - own->first_batch, rows);
}

}  // namespace continuo::dataset
