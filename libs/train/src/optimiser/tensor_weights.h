#pragma once

#include "optimiser/moved_weights.h"
#include "optimiser/tensor_optimiser.h"

namespace continuo::train {

// By libtorch's functions, on the device of the network.
class TensorWeights final : public MovedWeights {
 public:
  // Requires: the network outlives this.
  TensorWeights(const neural::Network& network, const Options& options);

  double step(const Optimiser::Update& update) override;
  void begin_with_weights() override;
  std::vector<ParameterState> state(HostCopies& host) override;
  void merge() override;

 private:
  // As LowRankMatrices. Shape: base [rows, columns], down [matrices x rank, columns], up [rows, rank].
  struct LowRank {
    std::vector<std::int64_t> rows;  // of each matrix
    torch::Tensor base, down, up;
  };
  struct Movement {
    std::size_t first_slot = 0, slots = 0;
    std::optional<LowRank> low_rank;
  };
  void exchange_average() override;
  void follow(std::int64_t step);
  // Adds the gradients of one parameter's slots.
  void add_gradients(const Movement& movement, const torch::Tensor& gradient, std::vector<torch::Tensor>& all) const;

  const neural::Network& network_;
  double ema_;
  TensorOptimiser optimizer_;
  std::vector<Movement> movements_;     // of each parameter
  std::vector<torch::Tensor> average_;  // of each parameter, where there is one
};

}  // namespace continuo::train
