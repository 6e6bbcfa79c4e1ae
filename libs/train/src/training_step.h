#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/neural/network.h"

#include "adamw.h"
#include "batch_source.h"
#include "resume_state.h"

namespace continuo::train {

struct StepResult {
  double loss = 0;  // mean over the batch's targets, before the update
  double gradient_norm = 0;
  bool finite = true;  // otherwise nothing was changed
};

// A network with its optimiser.
class Learner {
 public:
  // How networks are computed.
  struct Arithmetic {
    bool fused = true;  // on the training kernels
    bool bf16 = false;
  };
  Learner(const checkpoint::ModelConfig& config, std::uint64_t seed, const Arithmetic& arithmetic);

  // One update from one batch. `update.step` counts from 1. Requires: batch.count > 0.
  StepResult step(const Batch& batch, std::uint64_t dropout_seed, const AdamW::Update& update);

  struct Nll {
    double sum = 0;
    std::uint64_t tokens = 0;
    double mean() const { return tokens > 0 ? sum / double(tokens) : 0; }
  };
  // Over the first batches of a source in order, until `most_tokens` are predicted (0: all).
  // Empty when `progress` asks to stop.
  std::optional<Nll> evaluate(const BatchSource& source, std::uint64_t most_tokens, const Progress& progress) const;

  neural::Network& network() { return *network_; }
  const neural::Network& network() const { return *network_; }
  // Values and moments in place.
  std::vector<ParameterState> state();

 private:
  torch::Tensor loss_sum(const Batch& batch, const neural::Pass& pass) const;

  std::unique_ptr<neural::Network> network_;
  AdamW optimizer_;
  Arithmetic arithmetic_;
};

}  // namespace continuo::train
