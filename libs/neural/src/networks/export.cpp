#include "continuo/neural/export.h"

#include <torch/torch.h>

#include "continuo/base/rng.h"
#include "continuo/neural/network.h"
#include "continuo/neural/places.h"

#include "init/initial_weights.h"

namespace continuo::neural {

Status write_random_checkpoint(const std::filesystem::path& path, const checkpoint::ModelConfig& config,
                               const nlohmann::json& tokenizer, std::uint64_t seed, double spread) {
  CONTINUO_TRY(checkpoint::validate(config));
  const auto network = Network::create(config, seed);
  for (std::size_t i = 0; i < network->parameters().size(); ++i) {
    const torch::Tensor& value = network->parameters()[i].value;
    add_noise(spread, mix_seed(~seed, i), {value.data_ptr<float>(), std::size_t(value.numel())});
  }
  checkpoint::Provenance provenance;
  provenance.data_set = "none";
  provenance.data_licence = "none: random weights";
  provenance.seed = seed;
  return checkpoint::write_checkpoint(path, config, tokenizer, provenance, network->export_weights());
}

Result<std::vector<float>> reference_logits(const checkpoint::Checkpoint& checkpoint, std::span<const TokenId> tokens,
                                            std::span<const MusicalPlace> places) {
  const checkpoint::ModelConfig& config = checkpoint.model;
  if (tokens.empty() || (config.is_limited_to_context() && tokens.size() > std::size_t(config.context_length))) {
    return Error{ErrorCode::invalid_argument, "the number of tokens is 0 or beyond the context"};
  }
  std::vector<std::int64_t> ids(tokens.begin(), tokens.end());
  for (const std::int64_t id : ids) {
    if (id < 0 || id >= config.vocab_size) return Error{ErrorCode::invalid_argument, "a token id is out of range"};
  }
  const auto network = Network::create(config, 0);
  CONTINUO_TRY(network->import_weights(checkpoint.file.tensors()));
  const torch::NoGradGuard no_grad;
  Pass plain;
  plain.fused = false;
  if (!places.empty()) plain.places = places_tensor(places, 1, std::int64_t(places.size()));
  const torch::Tensor input = torch::from_blob(ids.data(), {1, std::int64_t(ids.size())}, torch::kInt64);
  const torch::Tensor logits = network->forward(input, plain).contiguous();
  const auto* values = logits.data_ptr<float>();
  return std::vector<float>(values, values + logits.numel());
}

}  // namespace continuo::neural
