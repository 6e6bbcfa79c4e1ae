#include "init/initial_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "continuo/base/rng.h"

namespace continuo::neural {
namespace {

constexpr double kTransformerDeviation = 0.02;
constexpr double kRecurrentEmbeddingDeviation = 0.25;

// Box-Muller, both values of a pair used.
void fill_normal(Rng rng, double deviation, std::span<float> out, bool add) {
  for (std::size_t i = 0; i < out.size(); i += 2) {
    const double radius = deviation * std::sqrt(-2.0 * std::log(1.0 - rng.uniform()));
    const double angle = 2.0 * std::numbers::pi * rng.uniform();
    const double pair[2] = {radius * std::cos(angle), radius * std::sin(angle)};
    for (std::size_t j = 0; j < 2 && i + j < out.size(); ++j) {
      out[i + j] = float(add ? double(out[i + j]) + pair[j] : pair[j]);
    }
  }
}

void fill_uniform(Rng rng, double bound, std::span<float> out) {
  for (float& value : out) value = float((2.0 * rng.uniform() - 1.0) * bound);
}

bool is_residual(const std::string& name) {
  return name.ends_with("attention.proj.weight") || name.ends_with("mlp.fc2.weight");
}

// Source: Radford et al., 2019, section 2.3.
void fill_causal(const checkpoint::ModelConfig& config, const std::string& name, Rng rng, std::span<float> out) {
  const double shrunk = kTransformerDeviation / std::sqrt(2.0 * config.n_layers);
  fill_normal(rng, is_residual(name) ? shrunk : kTransformerDeviation, out, false);
}

// Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.5. Shape: out [context_length, width].
void fill_sinusoids(std::size_t width, double amplitude, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t position = i / width, feature = i % width, pair = feature / 2;
    const double angle = double(position) * std::pow(10000.0, -double(2 * pair) / double(width));
    out[i] = float(amplitude * (feature % 2 == 0 ? std::sin(angle) : std::cos(angle)));
  }
}

// Each head of keys begins as the first head of queries that shares it. Shape: out [d_model + 2 kv_width, d_model].
void copy_queries_to_keys(const checkpoint::ModelConfig& config, std::span<float> out) {
  const int heads_per_group = config.n_heads / config.kv_heads();
  const std::ptrdiff_t head = std::ptrdiff_t(config.head_width()) * config.d_model;
  const auto keys = out.begin() + config.n_heads * head;
  for (int i = 0; i < config.kv_heads(); ++i) {
    std::copy_n(out.begin() + i * heads_per_group * head, head, keys + i * head);
  }
}

// A masked token says nothing of itself, so a bidirectional model learns nothing before its attention finds the
// neighbours; from random weights that takes thousands of steps at the frequencies of words. So it starts out looking
// at them: positions are sinusoids, which are alike where they are near, and louder than words; queries begin equal to
// keys.
// Source: Trockman and Kolter, "Mimetic Initialization of Self-Attention Layers", 2023; widths: Glorot and Bengio,
// 2010.
void fill_bidirectional(const checkpoint::ModelConfig& config, const checkpoint::TensorSpec& spec, Rng rng,
                        std::span<float> out) {
  constexpr double kLouder = 2;
  if (spec.name == "position_embedding.weight") {
    return fill_sinusoids(std::size_t(config.d_model), kLouder * std::sqrt(2.0) * kTransformerDeviation, out);
  }
  if (!spec.name.starts_with("layers.")) return fill_normal(rng, kTransformerDeviation, out, false);
  const double deviation = 1 / std::sqrt(double(spec.shape.back()));
  fill_normal(rng, is_residual(spec.name) ? deviation / std::sqrt(2.0 * config.n_layers) : deviation, out, false);
  if (spec.name.ends_with("attention.qkv.weight")) copy_queries_to_keys(config, out);
}

void fill_transformer(const checkpoint::ModelConfig& config, const checkpoint::TensorSpec& spec, Rng rng,
                      std::span<float> out) {
  const bool norm = spec.name.find("norm.") != std::string::npos;
  if (spec.name.ends_with("bias") || norm) {
    std::fill(out.begin(), out.end(), norm && spec.name.ends_with("weight") ? 1.0F : 0.0F);
  } else if (config.masking == checkpoint::Masking::kBidirectional) {
    fill_bidirectional(config, spec, rng, out);
  } else {
    fill_causal(config, spec.name, rng, out);
  }
}

void fill_recurrent(const checkpoint::ModelConfig& config, const std::string& name, Rng rng, std::span<float> out) {
  if (name.ends_with("bias")) {
    std::fill(out.begin(), out.end(), 0.0F);
    const auto width = std::size_t(config.d_model);
    if (name.ends_with("lstm.bias")) std::fill_n(out.begin() + std::ptrdiff_t(width), width, 1.0F);
  } else if (name.ends_with("embedding.weight")) {
    fill_normal(rng, config.tied_output ? kRecurrentEmbeddingDeviation : 1.0, out, false);
  } else {
    fill_uniform(rng, (name.ends_with("input.weight") ? std::sqrt(3.0) : 1.0) / std::sqrt(double(config.d_model)), out);
  }
}

}  // namespace

void fill_initial(const checkpoint::ModelConfig& config, const checkpoint::TensorSpec& spec, std::uint64_t seed,
                  std::uint64_t index, std::span<float> out) {
  Rng rng(mix_seed(seed, index));
  switch (config.family) {
    case checkpoint::Family::kRecurrent:
      return fill_recurrent(config, spec.name, rng, out);
    case checkpoint::Family::kTransformer:
      return fill_transformer(config, spec, rng, out);
  }
}

void add_noise(double spread, std::uint64_t seed, std::span<float> values) {
  fill_normal(Rng(seed), spread, values, true);
}

}  // namespace continuo::neural
