#include "initial_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "continuo/base/rng.h"

namespace continuo::neural {
namespace {

constexpr double kTransformerDeviation = 0.02;  // of embeddings and the output, as in GPT-2
constexpr double kLstmEmbeddingDeviation = 0.25;

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

// Learned positions start as sinusoids of the same spread as the other weights, so that a fixed distance is a fixed
// rotation from the first step on. From random rows a model must first find out for every position where its
// neighbours are, which keeps a bidirectional one at the frequencies of words for thousands of steps.
// Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.5. Shape: out [context_length, width].
void fill_sinusoids(std::size_t width, std::span<float> out) {
  const double amplitude = kTransformerDeviation * std::sqrt(2.0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t position = i / width, feature = i % width;
    const double rate = std::pow(10000.0, -double(feature / 2 * 2) / double(width));
    const double angle = double(position) * rate;
    out[i] = float(amplitude * (feature % 2 == 0 ? std::sin(angle) : std::cos(angle)));
  }
}

void fill_transformer(const checkpoint::ModelConfig& config, const std::string& name, std::int64_t inputs, Rng rng,
                      std::span<float> out) {
  if (name == "position_embedding.weight") return fill_sinusoids(std::size_t(config.d_model), out);
  const bool norm = name.find("norm.") != std::string::npos;
  if (name.ends_with("bias") || norm) {
    std::fill(out.begin(), out.end(), norm && name.ends_with("weight") ? 1.0F : 0.0F);
    return;
  }
  if (name.find("layers.") != 0) return fill_normal(rng, kTransformerDeviation, out, false);
  // Inside the layers by the number of inputs: with the fixed 0.02 of wide models attention in narrow ones starts
  // uniform and faint, and a masked model, which sees its neighbours through nothing else, takes thousands of steps to
  // look at them. Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
  // networks", 2010; the shrinking of residual branches: Radford et al., 2019.
  const bool residual = name.ends_with("attention.proj.weight") || name.ends_with("mlp.fc2.weight");
  const double deviation = 1 / std::sqrt(double(inputs));
  fill_normal(rng, residual ? deviation / std::sqrt(2.0 * config.n_layers) : deviation, out, false);
}

void fill_lstm(const checkpoint::ModelConfig& config, const std::string& name, Rng rng, std::span<float> out) {
  if (name.ends_with("bias")) {
    std::fill(out.begin(), out.end(), 0.0F);
    const auto width = std::size_t(config.d_model);
    if (name.ends_with("lstm.bias")) std::fill_n(out.begin() + std::ptrdiff_t(width), width, 1.0F);
  } else if (name == "token_embedding.weight") {
    fill_normal(rng, config.tied_output ? kLstmEmbeddingDeviation : 1.0, out, false);
  } else {
    fill_uniform(rng, (name.ends_with("input.weight") ? std::sqrt(3.0) : 1.0) / std::sqrt(double(config.d_model)), out);
  }
}

}  // namespace

void fill_initial(const checkpoint::ModelConfig& config, const checkpoint::TensorSpec& spec, std::uint64_t seed,
                  std::uint64_t index, std::span<float> out) {
  Rng rng(mix_seed(seed, index));
  if (config.family == checkpoint::Family::kLstm) {
    fill_lstm(config, spec.name, rng, out);
  } else {
    fill_transformer(config, spec.name, spec.shape.back(), rng, out);
  }
}

void add_noise(double spread, std::uint64_t seed, std::span<float> values) {
  fill_normal(Rng(seed), spread, values, true);
}

}  // namespace continuo::neural
