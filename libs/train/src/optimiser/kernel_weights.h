#pragma once

#include "optimiser/low_rank.h"
#include "optimiser/moved_weights.h"
#include "optimiser/weight_average.h"

namespace continuo::train {

// By the project's kernels, in host memory, on all threads.
class KernelWeights final : public MovedWeights {
 public:
  // Requires: the network is on the CPU and outlives this.
  KernelWeights(const neural::Network& network, const Options& options);

  double step(const Optimiser::Update& update) override;
  void begin_with_weights() override;
  std::vector<ParameterState> state(HostCopies& host) override;
  void merge() override;

 private:
  // How the optimiser sees one parameter: as one slot, as the two of its low-rank change, or not at all.
  struct Movement {
    std::size_t first_slot = 0, slots = 0;
    LowRankMatrices* low_rank = nullptr;  // in low_rank_
  };
  void exchange_average() override { average_.exchange(); }
  // Of all slots; `kept` holds the memory of the parameters' own.
  std::vector<std::span<const float>> gradients(std::vector<torch::Tensor>& kept);

  const neural::Network& network_;
  Optimiser optimizer_;
  std::vector<Movement> movements_;  // of each parameter
  std::vector<std::unique_ptr<LowRankMatrices>> low_rank_;
  WeightAverage average_;
};

}  // namespace continuo::train
