#include "parts/recurrent.h"

#include <torch/torch.h>

namespace continuo::neural {
namespace {

using fused::RecurrentLayer;
using torch::Tensor;

Tensor zero_state(const Tensor& x, const RecurrentLayer& layer) {
  return torch::zeros({1, x.size(1), layer.recurrent.size(1)}, x.options());
}

Tensor plain_lstm(const Tensor& x, const RecurrentLayer& layer) {
  const Tensor zero = zero_state(x, layer);
  return std::get<0>(at::lstm(x, {zero, zero},
                              {layer.input, layer.recurrent, layer.bias, torch::zeros_like(layer.bias)}, true, 1, 0.0,
                              true, false, false));
}

// PyTorch has both biases for every gate; those of r and z are one here.
Tensor plain_gru(const Tensor& x, const RecurrentLayer& layer) {
  const Tensor zeros = torch::zeros({2 * layer.recurrent_bias.size(0)}, x.options());
  return std::get<0>(at::gru(x, zero_state(x, layer),
                             {layer.input, layer.recurrent, layer.bias, at::cat({zeros, layer.recurrent_bias})}, true,
                             1, 0.0, true, false, false));
}

// On a GPU products in bf16 are faster, as in the other layers; on the CPU this path defines the layer, in fp32.
Tensor plain_recur(Tensor x, RecurrentLayer layer, checkpoint::CellKind cell, const Pass& pass) {
  if (pass.bf16 && x.is_cuda()) {
    for (Tensor* each : {&x, &layer.input, &layer.recurrent, &layer.bias, &layer.recurrent_bias})
      if (each->defined()) *each = each->to(torch::kBFloat16);
  }
  return cell == checkpoint::CellKind::kLstm ? plain_lstm(x, layer) : plain_gru(x, layer);
}

}  // namespace

Tensor recur(const Tensor& x, const RecurrentLayer& layer, checkpoint::CellKind cell, const Pass& pass) {
  switch (cell) {
    case checkpoint::CellKind::kLstm:
      return pass.fused ? fused::lstm(x, layer) : plain_recur(x, layer, cell, pass);
    case checkpoint::CellKind::kGru:
      return pass.fused ? fused::gru(x, layer) : plain_recur(x, layer, cell, pass);
  }
  return x;
}

}  // namespace continuo::neural
