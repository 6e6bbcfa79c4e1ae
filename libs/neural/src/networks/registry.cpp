// Which network a config asks for: the only place that knows them all.
#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/neural/network.h"

#include "init/initial_weights.h"
#include "networks/recurrent.h"
#include "networks/transformer.h"

namespace continuo::neural {
namespace {

std::unique_ptr<Network> empty_network(const checkpoint::ModelConfig& config) {
  switch (config.family) {
    case checkpoint::Family::kRecurrent:
      return std::make_unique<Recurrent>(config);
    case checkpoint::Family::kTransformer:
      return std::make_unique<Transformer>(config);
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Network> Network::create(const checkpoint::ModelConfig& config, std::uint64_t seed) {
  std::unique_ptr<Network> network = empty_network(config);
  const auto specs = checkpoint::tensor_specs(config);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const torch::Tensor& value = network->parameters()[i].value;
    fill_initial(config, specs[i], seed, i, {value.data_ptr<float>(), std::size_t(value.numel())});
  }
  return network;
}

}  // namespace continuo::neural
