#pragma once

#include <vector>

#include "continuo/neural/network.h"

#include "fused/recurrent.h"

namespace continuo::neural {

// Stacked LSTM; every sequence starts from a zero state. Dropout between layers and on the output.
// Source: Hochreiter and Schmidhuber, 1997; Zaremba et al., "Recurrent Neural Network Regularization", 2014.
class Lstm final : public Network {
 public:
  explicit Lstm(const checkpoint::ModelConfig& config);
  torch::Tensor hidden(const torch::Tensor& tokens, const Pass& pass) const override;

 private:
  torch::Tensor token_embedding_;
  std::vector<fused::LstmLayer> layers_;
};

}  // namespace continuo::neural
