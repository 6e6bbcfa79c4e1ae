#pragma once

#include <torch/types.h>

namespace continuo::neural::fused {

// Recurrent layers over whole sequences on the training kernels, from a zero state, with gradients, in the type of `x`:
// fp32 or bf16. Shape: x [time, batch, inputs] -> [time, batch, hidden].

struct LstmLayer {
  torch::Tensor input;      // [4 hidden, inputs], gates i, f, g, o
  torch::Tensor recurrent;  // [4 hidden, hidden]
  torch::Tensor bias;       // [4 hidden], the sum of both products' biases
};
torch::Tensor lstm(const torch::Tensor& x, const LstmLayer& layer);

// The reset gate acts after the product, as in PyTorch.
struct GruLayer {
  torch::Tensor input;           // [3 hidden, inputs], gates r, z, n
  torch::Tensor recurrent;       // [3 hidden, hidden]
  torch::Tensor bias;            // [3 hidden]: of r and z the sum of both products' biases, of n the inputs'
  torch::Tensor recurrent_bias;  // [hidden], of n's recurrent product
};
torch::Tensor gru(const torch::Tensor& x, const GruLayer& layer);

}  // namespace continuo::neural::fused
