#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "continuo/base/rng.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/engine/model.h"

namespace continuo::engine {

// A shape with nothing round about it, so that padding and tails are always at work.
inline checkpoint::ModelConfig odd_config(std::string_view name) {
  checkpoint::ModelConfig config = checkpoint::preset_config(name, "tiny").value();
  config.vocab_size = 53;
  config.d_model = 45;
  config.n_layers = 3;
  config.n_heads = config.has_attention() ? 5 : 1;
  if (config.attention_window > 0) config.attention_window = 13;
  if (config.positions == checkpoint::Positions::kRotary || config.n_kv_heads > 0) {
    config.d_model = 40;
    config.n_heads = 4;
  }
  config.d_ff = 71;
  config.context_length = 70;
  if (config.memory_length > 0) config.memory_length = 20;
  return config;
}

inline checkpoint::ModelConfig with_places(checkpoint::ModelConfig config) {
  config.places = 13;
  config.slots = 3;
  return config;
}

// Large enough that several threads are worth waking.
inline checkpoint::ModelConfig wide_config(std::string_view name) {
  checkpoint::ModelConfig config = checkpoint::preset_config(name, "small").value();
  config.vocab_size = 130;
  config.n_layers = 2;
  config.context_length = 80;
  if (config.memory_length > 0) config.memory_length = 33;
  return config;
}

// Random weights for a config, and the checkpoint file that holds them while this lives.
class SyntheticModel {
 public:
  explicit SyntheticModel(const checkpoint::ModelConfig& config, std::uint64_t seed = 1) : config_(config) {
    Rng rng(seed);
    for (const auto& spec : checkpoint::tensor_specs(config)) fill(spec, rng);
  }
  ~SyntheticModel() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  SyntheticModel(const SyntheticModel&) = delete;
  SyntheticModel& operator=(const SyntheticModel&) = delete;

  const checkpoint::ModelConfig& config() const { return config_; }
  std::map<std::string, std::vector<float>>& weights() { return weights_; }
  const std::vector<float>& at(const std::string& name) const { return weights_.at(name); }
  const std::filesystem::path& path() const { return path_; }

  std::map<std::string, checkpoint::TensorView> views() const {
    std::map<std::string, checkpoint::TensorView> result;
    for (const auto& spec : checkpoint::tensor_specs(config_)) {
      const auto& values = weights_.at(spec.name);
      result[spec.name] = {checkpoint::DType::kF32,
                           spec.shape,
                           {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)}};
    }
    return result;
  }

  Result<std::shared_ptr<const Model>> load(LoadOptions options = {}) const { return load(views(), options); }
  Result<std::shared_ptr<const Model>> load(const std::map<std::string, checkpoint::TensorView>& tensors,
                                            LoadOptions options = {}) const {
    CONTINUO_TRY(checkpoint::write_checkpoint(path_, config_, nlohmann::json::object(), {}, tensors));
    CONTINUO_ASSIGN(const auto opened, checkpoint::Checkpoint::open(path_));
    return Model::load(opened, options);
  }

 private:
  void fill(const checkpoint::TensorSpec& spec, Rng& rng) {
    std::size_t count = 1;
    for (const auto extent : spec.shape) count *= static_cast<std::size_t>(extent);
    auto& values = weights_[spec.name];
    values.resize(count);
    const bool scale = spec.name.ends_with("norm.weight");
    const double reach = spec.shape.size() == 1 ? 0.5 : 1.7 / std::sqrt(static_cast<double>(spec.shape[1]));
    for (float& value : values) value = static_cast<float>((rng.uniform() * 2 - 1) * reach + (scale ? 1 : 0));
  }

  checkpoint::ModelConfig config_;
  std::map<std::string, std::vector<float>> weights_;
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("continuo_engine_" + std::to_string(getpid()) + "_" +
                                 std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".safetensors");
};

inline std::vector<TokenId> random_tokens(std::size_t count, int vocab, std::uint64_t seed = 7) {
  Rng rng(seed);
  std::vector<TokenId> tokens(count);
  for (auto& token : tokens) token = static_cast<TokenId>(rng.below(static_cast<std::uint64_t>(vocab)));
  return tokens;
}

// In the ranges of a config that has musical places.
inline std::vector<MusicalPlace> random_places(std::size_t count, const checkpoint::ModelConfig& config) {
  Rng rng(9);
  std::vector<MusicalPlace> places(count);
  for (auto& place : places) {
    place.in_bar = static_cast<std::uint16_t>(rng.below(static_cast<std::uint64_t>(config.places)));
    place.slot = static_cast<std::uint16_t>(rng.below(static_cast<std::uint64_t>(config.slots)));
  }
  return places;
}

}  // namespace continuo::engine
