#pragma once

#include <memory>
#include <optional>

#include "continuo/checkpoint/model_config.h"
#include "continuo/dataset/augmented_feed.h"
#include "continuo/dataset/dataset.h"
#include "continuo/train/options.h"

#include "data/batch_source.h"

namespace continuo::train {

// The data set of a run, with the batches that are made of it. Neither copied nor moved: the batches refer to it.
class RunData {
 public:
  struct Opened {
    dataset::TokenDataset set;
    std::optional<dataset::AugmentedPieces> augmented;     // training pieces, if they are to be augmented
    std::shared_ptr<const dataset::MusicalPlaces> places;  // where the network has musical places
    std::shared_ptr<const dataset::WindowTasks> tasks;     // where windows are rearranged for tasks
    double longest_note = 0;                               // Provenance::longest_note
  };
  // `options` are complete. `threads` augment pieces.
  RunData(Opened opened, const TrainOptions& options, const checkpoint::ModelConfig& config, int threads);
  RunData(const RunData&) = delete;
  RunData& operator=(const RunData&) = delete;

  const dataset::TokenDataset& set() const { return opened_.set; }
  double longest_note() const { return opened_.longest_note; }
  const BatchSource& training() const { return training_; }
  const BatchSource& validation() const { return validation_; }  // without windows, if no piece is for validation

 private:
  Opened opened_;
  BatchSource training_, validation_;
};

}  // namespace continuo::train
