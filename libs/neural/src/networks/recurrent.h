#pragma once

#include <vector>

#include "continuo/neural/network.h"

#include "parts/embedding.h"
#include "parts/recurrent.h"
#include "shared/linear_weights.h"

namespace continuo::neural {

// Stacked LSTM or GRU; every sequence starts from a zero state. With an attention_window the last layer's outputs h go
// on as h + dropped(W_o attention(h)), of all steps at once, since no step reads what another has attended to. Dropout
// between layers, on the last one's outputs and on what attention adds. Pass::padding is not looked at: it comes after
// the tokens, and no step reads a later one.
// Source: Zaremba et al., "Recurrent Neural Network Regularization", 2014; of attention: checkpoint::ModelParts.
class Recurrent final : public Network {
 public:
  Recurrent(const checkpoint::ModelConfig& config, torch::Device device);
  torch::Tensor hidden(const torch::Tensor& tokens, const Pass& pass) const override;

 private:
  // Shape: outputs [batch, time, d_model] -> the same.
  torch::Tensor attend_onto(const torch::Tensor& outputs, const Pass& pass) const;

  EmbeddingWeights embedding_;
  std::vector<fused::RecurrentLayer> layers_;
  LinearWeights qkv_, proj_;  // undefined without attention
};

}  // namespace continuo::neural
