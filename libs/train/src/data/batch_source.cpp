#include "data/batch_source.h"

#include <algorithm>
#include <vector>

#include <torch/torch.h>

#include "continuo/dataset/masking.h"
#include "continuo/neural/places.h"

namespace continuo::train {
namespace {

constexpr std::int64_t kTimeMultiple = 16;
constexpr std::uint64_t kValidationSeed = 0;  // the same masks for every run, and for `continuo evaluate`

dataset::WindowOptions with_targets(dataset::WindowOptions options, Objective objective) {
  options.targets =
      objective == Objective::kNextToken ? dataset::WindowTargets::kNextToken : dataset::WindowTargets::kSameToken;
  return options;
}

torch::Tensor int64_tensor(std::vector<std::int64_t>& values) {
  return torch::from_blob(values.data(), {std::int64_t(values.size())}, torch::kInt64).clone();
}

// What a row did not read before its window is no part of its memory. Padding after a row's end needs none: no target
// of a causal model comes after it. Undefined where all of the memory was read.
torch::Tensor memory_padding(const std::vector<std::int64_t>& remembered, std::int64_t memory, std::int64_t time) {
  if (*std::min_element(remembered.begin(), remembered.end()) == memory) return {};
  const auto rows = std::int64_t(remembered.size());
  const torch::Tensor begins = memory - torch::tensor(remembered, torch::kInt64).view({rows, 1});
  return torch::arange(memory + time).unsqueeze(0) < begins;
}

}  // namespace

BatchSource::BatchSource(const dataset::TokenSequences& sequences, dataset::WindowOptions options, Objective objective)
    : windows_(sequences, with_targets(options, objective)), objective_(objective) {}

BatchSource::BatchSource(const dataset::AugmentedPieces& pieces, dataset::WindowOptions options, Objective objective,
                         int threads)
    : BatchSource(pieces.originals(), options, objective) {
  threads_ = std::make_unique<ThreadPool>(threads);
  augmented_ = std::make_unique<dataset::AugmentedBatches>(pieces, windows_.options(), *threads_);
}

std::vector<double> BatchSource::mask_rows(std::uint64_t step, const dataset::WindowRows& rows) const {
  const bool training = objective_ == Objective::kMaskedTraining;
  const dataset::MaskRule rule = training ? dataset::MaskRule::kTraining : dataset::MaskRule::kOrderless;
  const std::uint64_t seed = training ? windows_.options().seed : kValidationSeed;
  const auto context = std::size_t(windows_.options().context_length);
  std::vector<double> weights;
  for (std::size_t i = 0; i < rows.lengths.size(); ++i) {
    const dataset::WindowRows row = rows.row(i, context);
    const auto length = std::size_t(row.lengths[0]);
    const auto places = row.places.empty() ? row.places : row.places.first(length);
    const auto count = dataset::mask_window(rule, seed, step * rows.lengths.size() + i, places,
                                            row.inputs.first(length), row.targets.first(length));
    weights.push_back(count.weight());
  }
  return weights;
}

Batch BatchSource::get(std::uint64_t step) const {
  const std::int64_t rows = windows_.options().batch_size, context = windows_.options().context_length;
  std::vector<std::int64_t> inputs(std::size_t(rows * context)), targets(inputs.size()), lengths(std::size_t(rows), 0);
  std::vector<MusicalPlace> musical_places(windows_.options().places ? inputs.size() : 0);
  std::vector<std::int64_t> remembered(std::size_t(rows), 0);
  const dataset::WindowRows to = {inputs, targets, lengths, musical_places, remembered};
  augmented_ ? augmented_->batch(step, to) : windows_.batch(step, to);
  std::vector<double> weights;
  if (objective_ != Objective::kNextToken) weights = mask_rows(step, to);

  const auto [shortest, longest] = std::minmax_element(lengths.begin(), lengths.end());
  const std::int64_t rounded = (*longest + kTimeMultiple - 1) / kTimeMultiple * kTimeMultiple;
  const std::int64_t time = std::clamp<std::int64_t>(rounded, 1, context);
  Batch batch;
  std::vector<std::int64_t> places, kept;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::size_t before = kept.size();
    for (std::int64_t t = 0; t < time; ++t) {
      const std::int64_t target = targets[std::size_t(row * context + t)];
      if (target == dataset::kIgnore) continue;
      places.push_back(row * time + t);
      kept.push_back(target);
    }
    if (!weights.empty()) batch.rows.push_back({std::int64_t(kept.size() - before), weights[std::size_t(row)]});
  }
  batch.inputs = torch::from_blob(inputs.data(), {rows, context}, torch::kInt64).slice(1, 0, time).clone();
  if (const std::int64_t memory = windows_.options().memory_length; memory > 0) {
    batch.padding = memory_padding(remembered, memory, time);
  } else if (*shortest < time) {
    const torch::Tensor ends = torch::from_blob(lengths.data(), {rows, 1}, torch::kInt64);
    // A row that does not exist may attend to its first token, so that no softmax is taken over nothing.
    batch.padding = torch::arange(time).unsqueeze(0) >= ends.clamp_min(1);
  }
  if (!musical_places.empty()) batch.musical_places = neural::places_tensor(musical_places, rows, time);
  batch.count = std::int64_t(kept.size());
  batch.places = int64_tensor(places);
  batch.targets = int64_tensor(kept);
  return batch;
}

}  // namespace continuo::train
