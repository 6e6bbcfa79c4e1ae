#include "lstm.h"

#include <torch/torch.h>

#include "continuo/base/rng.h"

#include "dropout.h"
#include "onednn_lstm.h"

namespace continuo::neural {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

LstmWeights weights_of(const Tensor& input, const Tensor& recurrent, const Tensor& bias) {
  return {input.data_ptr(), recurrent.data_ptr(), bias.data_ptr<float>()};
}

// Shape: x [time, batch, input] -> [time, batch, hidden], both in the type of the weights.
struct LstmFunction : torch::autograd::Function<LstmFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& input, const Tensor& recurrent,
                        const Tensor& bias) {
    OnednnLstm* primitive = OnednnLstm::find(shape_of(x, recurrent));
    const Tensor workspace = torch::empty({std::int64_t(primitive->workspace_bytes())}, torch::kUInt8);
    const Tensor output = torch::empty({x.size(0), x.size(1), recurrent.size(1)}, x.options());
    primitive->forward(weights_of(input, recurrent, bias), x.data_ptr(), output.data_ptr(), workspace.data_ptr());
    context->save_for_backward({x, input, recurrent, bias, output, workspace});
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &input = saved[1], &recurrent = saved[2], &bias = saved[3];
    const auto wide = torch::kFloat32;
    const Tensor d_output = gradients[0].to(wide).contiguous();
    const Tensor d_x = torch::empty(x.sizes(), wide), d_input = torch::empty(input.sizes(), wide);
    const Tensor d_recurrent = torch::empty(recurrent.sizes(), wide), d_bias = torch::zeros(bias.sizes(), wide);
    OnednnLstm::find(shape_of(x, recurrent))
        ->backward(weights_of(input, recurrent, bias), x.data_ptr(), saved[4].data_ptr(), saved[5].data_ptr(),
                   {d_output.data_ptr<float>(), d_x.data_ptr<float>(), d_input.data_ptr<float>(),
                    d_recurrent.data_ptr<float>(), d_bias.data_ptr<float>()});
    return {d_x, d_input, d_recurrent, d_bias};
  }

  static LstmShape shape_of(const Tensor& x, const Tensor& recurrent) {
    return {x.size(0), x.size(1), x.size(2), recurrent.size(1), x.scalar_type() == torch::kBFloat16};
  }
};

// Shape: as LstmFunction; fp32 in and out unless bf16, which is taken where oneDNN has it.
Tensor lstm_layer(const Tensor& x, const Tensor& input, const Tensor& recurrent, const Tensor& bias, bool bf16) {
  const auto type = bf16 ? torch::kBFloat16 : torch::kFloat32;
  const auto hidden = recurrent.size(1);
  if (OnednnLstm::find({x.size(0), x.size(1), x.size(2), hidden, bf16}) != nullptr) {
    return LstmFunction::apply(x.to(type).contiguous(), input.to(type), recurrent.to(type), bias);
  }
  const Tensor zero_state = torch::zeros({1, x.size(1), hidden});
  const Tensor second_bias = torch::zeros_like(bias);
  return std::get<0>(at::lstm(x.to(torch::kFloat32), {zero_state, zero_state}, {input, recurrent, bias, second_bias},
                              true, 1, 0.0, true, false, false));
}

}  // namespace

Lstm::Lstm(const checkpoint::ModelConfig& config) : Network(config) {
  token_embedding_ = parameter("token_embedding.weight");
  for (int i = 0; i < config.n_layers; ++i) {
    const std::string prefix = "layers." + std::to_string(i) + ".lstm.";
    layers_.push_back(
        {parameter(prefix + "input.weight"), parameter(prefix + "recurrent.weight"), parameter(prefix + "bias")});
  }
}

Tensor Lstm::hidden(const Tensor& tokens, const Pass& pass) const {
  // [batch, time] -> [time, batch, d_model], the order in which the recurrence reads.
  Tensor x = at::embedding(token_embedding_, tokens.t().contiguous());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    x = dropped(lstm_layer(x, layer.input, layer.recurrent, layer.bias, pass.bf16),
                {pass.dropout, mix_seed(pass.seed, i)});
  }
  return x.transpose(0, 1);
}

}  // namespace continuo::neural
