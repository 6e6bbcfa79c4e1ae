#include "data/run_data.h"

namespace continuo::train {
namespace {

dataset::WindowOptions window_options(const RunData::Opened& opened, const TrainOptions& options,
                                      const checkpoint::ModelConfig& config, dataset::WindowOrder order) {
  dataset::WindowOptions windows{config.context_length, options.batch_size, options.seed, order};
  windows.places = opened.places;
  windows.memory_length = config.memory_length;
  if (order == dataset::WindowOrder::kShuffled) windows.tasks = opened.tasks;
  if (options.pack && order == dataset::WindowOrder::kShuffled) windows.packing = dataset::WindowPacking::kPacked;
  return windows;
}

Objective objective(const checkpoint::ModelConfig& config, bool training) {
  if (config.masking == checkpoint::Masking::kCausal) return Objective::kNextToken;
  return training ? Objective::kMaskedTraining : Objective::kMaskedValidation;
}

BatchSource training_source(const RunData::Opened& opened, const TrainOptions& options,
                            const checkpoint::ModelConfig& config, int threads) {
  const auto windows = window_options(opened, options, config, dataset::WindowOrder::kShuffled);
  if (opened.augmented) return {*opened.augmented, windows, objective(config, true), threads};
  return {opened.set.split(dataset::Split::kTrain), windows, objective(config, true)};
}

}  // namespace

RunData::RunData(Opened opened, const TrainOptions& options, const checkpoint::ModelConfig& config, int threads)
    : opened_(std::move(opened)),
      training_(training_source(opened_, options, config, threads)),
      validation_(opened_.set.split(dataset::Split::kValidation),
                  window_options(opened_, options, config, dataset::WindowOrder::kInOrder), objective(config, false)) {}

}  // namespace continuo::train
