#pragma once

#include <torch/types.h>

namespace continuo::neural::fused {

// Recurrent layers over whole sequences on the training kernels, from a zero state, with gradients, in the type of `x`:
// fp32 or bf16. Shape: x [time, batch, inputs] -> [time, batch, hidden].

// LSTM: gates i, f, g, o. GRU: gates r, z, n; the reset gate acts after the product, as in PyTorch.
struct RecurrentLayer {
  torch::Tensor input;           // [gates * hidden, inputs]
  torch::Tensor recurrent;       // [gates * hidden, hidden]
  torch::Tensor bias;            // [gates * hidden], the sum of both products' biases; of n the inputs' alone
  torch::Tensor recurrent_bias;  // [hidden], of n's recurrent product; GRU only
};
torch::Tensor lstm(const torch::Tensor& x, const RecurrentLayer& layer);
torch::Tensor gru(const torch::Tensor& x, const RecurrentLayer& layer);

}  // namespace continuo::neural::fused
