// Which network a config asks for: the only place that knows them all.
#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/neural/network.h"

#include "init/initial_weights.h"
#include "networks/recurrent.h"
#include "networks/transformer.h"

namespace continuo::neural {
namespace {

std::unique_ptr<Network> empty_network(const checkpoint::ModelConfig& config, torch::Device device) {
  switch (config.family) {
    case checkpoint::Family::kRecurrent:
      return std::make_unique<Recurrent>(config, device);
    case checkpoint::Family::kTransformer:
      return std::make_unique<Transformer>(config, device);
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Network> Network::create(const checkpoint::ModelConfig& config, std::uint64_t seed,
                                         torch::Device device) {
  const torch::NoGradGuard no_grad;
  std::unique_ptr<Network> network = empty_network(config, device);
  const auto specs = checkpoint::tensor_specs(config);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const torch::Tensor& value = network->parameters()[i].value;
    const torch::Tensor host = device.is_cpu() ? value : torch::empty(specs[i].shape, torch::kFloat32);
    fill_initial(config, specs[i], seed, i, {host.data_ptr<float>(), std::size_t(host.numel())});
    if (!device.is_cpu()) value.copy_(host);
  }
  return network;
}

}  // namespace continuo::neural
