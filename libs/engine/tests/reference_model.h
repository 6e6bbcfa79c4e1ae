#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "synthetic_model.h"

namespace continuo::engine {

// All models as their papers write them, in double precision and without any cleverness: what the engine's
// logits must equal. Reads the weights by the names of tensor_names.h and shares no code with the engine.
class ReferenceModel {
 public:
  using Vector = std::vector<double>;
  using Matrix = std::vector<Vector>;  // [tokens][features]

  explicit ReferenceModel(const SyntheticModel& model) : model_(model), config_(model.config()) {}

  Matrix forward(const std::vector<TokenId>& tokens, const std::vector<MusicalPlace>& places = {}) const {
    const Matrix x = embedded(tokens, places);
    if (config_.family == checkpoint::Family::kTransformer) return transformer(x);
    return recurrent(x);
  }

 private:
  Vector row(const std::string& name, std::size_t index, std::size_t width) const {
    const auto& weights = model_.at(name);
    return {weights.begin() + static_cast<std::ptrdiff_t>(index * width),
            weights.begin() + static_cast<std::ptrdiff_t>((index + 1) * width)};
  }

  Vector product(const std::string& matrix, const Vector& x) const {
    const auto& weights = model_.at(matrix);
    Vector y(weights.size() / x.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t k = 0; k < x.size(); ++k) y[i] += weights[i * x.size() + k] * x[k];
    }
    return y;
  }

  Vector plus(Vector x, const Vector& y) const {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
    return x;
  }

  Vector with_bias(const std::string& name, Vector x) const {
    if (!config_.bias) return x;
    const auto& bias = model_.at(name + ".bias");
    return plus(std::move(x), {bias.begin(), bias.end()});
  }

  Vector linear(const std::string& name, const Vector& x) const {
    return with_bias(name, product(name + ".weight", x));
  }

  // x / sqrt(mean(x^2) + epsilon) * scale
  Vector rms_norm(const std::string& name, const Vector& x) const {
    double square = 0;
    for (const double value : x) square += value * value / static_cast<double>(x.size());
    Vector y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = x[i] / std::sqrt(square + config_.norm_epsilon) * model_.at(name + ".weight")[i];
    }
    return y;
  }

  Vector norm(const std::string& name, const Vector& x) const {
    if (config_.norm == checkpoint::NormKind::kRmsNorm) return rms_norm(name, x);
    const auto count = static_cast<double>(x.size());
    double mean = 0;
    double variance = 0;
    for (const double value : x) mean += value / count;
    for (const double value : x) variance += (value - mean) * (value - mean) / count;
    Vector y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = (x[i] - mean) / std::sqrt(variance + config_.norm_epsilon) * model_.at(name + ".weight")[i] +
             model_.at(name + ".bias")[i];
    }
    return y;
  }

  double activate(double x) const {
    if (config_.feed_forward == checkpoint::FeedForwardKind::kGelu) return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    if (config_.feed_forward == checkpoint::FeedForwardKind::kRelu2) return x > 0 ? x * x : 0;
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
  }

  Vector logits(const Vector& x) const {
    return with_bias("output", product(config_.tied_output ? "token_embedding.weight" : "output.weight", x));
  }

  // Turns the features i and i + width / 2 of each head's queries and keys by the angle position * 10000^(-2 i /
  // width).
  void rotate(Matrix& rows) const {
    const auto heads = static_cast<std::size_t>(config_.n_heads), d = static_cast<std::size_t>(config_.d_model);
    const std::size_t width = d / heads;
    for (std::size_t t = 0; t < rows.size(); ++t) {
      const std::size_t turning = heads + static_cast<std::size_t>(config_.kv_heads());
      for (std::size_t head = 0; head < turning; ++head) {  // those of queries, then those of keys
        for (std::size_t i = 0; i < width / 2; ++i) {
          const double angle =
              static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(width));
          double& x = rows[t][head * width + i];
          double& y = rows[t][head * width + i + width / 2];
          const double turned = x * std::cos(angle) - y * std::sin(angle);
          y = x * std::sin(angle) + y * std::cos(angle);
          x = turned;
        }
      }
    }
  }

  // The key that head `head` has for what lies `distance` back. Shape: [width].
  Vector distance_key(const std::string& layer, std::ptrdiff_t distance, std::size_t head, std::size_t width) const {
    const std::ptrdiff_t ahead = config_.masking == checkpoint::Masking::kCausal ? 0 : config_.context_length - 1;
    const auto d = static_cast<std::size_t>(config_.d_model);
    const Vector all = row(layer + ".attention.distance.weight", static_cast<std::size_t>(ahead + distance), d);
    return {all.begin() + static_cast<std::ptrdiff_t>(head * width),
            all.begin() + static_cast<std::ptrdiff_t>((head + 1) * width)};
  }

  // Shape: rows [tokens][d_model + 2 kv_width]; returns [tokens][d_model].
  Matrix attention(const std::string& layer, const Matrix& rows) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const auto heads = static_cast<std::size_t>(config_.n_heads);
    const std::size_t width = d / heads;
    const auto kv_heads = static_cast<std::size_t>(config_.kv_heads());
    Matrix output(rows.size(), Vector(d));
    for (std::size_t t = 0; t < rows.size(); ++t) {
      const bool causal = config_.masking == checkpoint::Masking::kCausal;
      const std::size_t seen = causal ? t + 1 : rows.size();
      std::size_t window = seen;
      if (config_.attention_window > 0) window = static_cast<std::size_t>(config_.attention_window);
      if (config_.memory_length > 0) window = static_cast<std::size_t>(config_.memory_length) + 1;
      const std::size_t first = seen - std::min(seen, window);
      for (std::size_t h = 0; h < heads; ++h) {
        const std::size_t key_at = d + h / (heads / kv_heads) * width, value_at = key_at + kv_heads * width;
        Vector weights(seen);
        double sum = 0;
        for (std::size_t s = first; s < seen; ++s) {
          double score = 0;
          Vector key(rows[s].begin() + static_cast<std::ptrdiff_t>(key_at),
                     rows[s].begin() + static_cast<std::ptrdiff_t>(key_at + width));
          if (config_.positions == checkpoint::Positions::kRelative) {
            const auto distance = static_cast<std::ptrdiff_t>(t) - static_cast<std::ptrdiff_t>(s);
            key = plus(key, distance_key(layer, distance, h, width));
          }
          for (std::size_t i = 0; i < width; ++i) score += rows[t][h * width + i] * key[i];
          sum += weights[s] = std::exp(score / std::sqrt(static_cast<double>(width)));
        }
        for (std::size_t s = first; s < seen; ++s) {
          for (std::size_t i = 0; i < width; ++i) {
            output[t][h * width + i] += weights[s] / sum * rows[s][value_at + i];
          }
        }
      }
    }
    return output;
  }

  // Each head of queries and keys by itself.
  void normalise_heads(const std::string& layer, Matrix& rows) const {
    const auto heads = static_cast<std::size_t>(config_.n_heads),
               kv_heads = static_cast<std::size_t>(config_.kv_heads());
    const auto width = static_cast<std::ptrdiff_t>(config_.d_model / config_.n_heads);
    for (Vector& token : rows) {
      for (std::size_t head = 0; head < heads + kv_heads; ++head) {
        const auto begin = token.begin() + static_cast<std::ptrdiff_t>(head) * width;
        const char* norm = head < heads ? ".attention.query_norm" : ".attention.key_norm";
        const Vector normed = rms_norm(layer + norm, {begin, begin + width});
        std::copy(normed.begin(), normed.end(), begin);
      }
    }
  }

  Matrix attention_layer(const std::string& layer, const Matrix& x) const {
    Matrix rows;
    for (const Vector& token : x) rows.push_back(linear(layer + ".attention.qkv", token));
    if (config_.qk_norm) normalise_heads(layer, rows);
    if (config_.positions == checkpoint::Positions::kRotary) rotate(rows);
    Matrix mixed = attention(layer, rows);
    for (Vector& token : mixed) token = linear(layer + ".attention.proj", token);
    return mixed;
  }

  Vector mlp(const std::string& layer, const Vector& x) const {
    Vector hidden = linear(layer + ".mlp.fc1", x);
    if (config_.feed_forward == checkpoint::FeedForwardKind::kSwiGlu) {
      const auto d_ff = static_cast<std::size_t>(config_.d_ff);
      for (std::size_t i = 0; i < d_ff; ++i) hidden[i] *= hidden[d_ff + i] / (1 + std::exp(-hidden[i]));
      hidden.resize(d_ff);
      return linear(layer + ".mlp.fc2", hidden);
    }
    for (double& value : hidden) value = activate(value);
    return linear(layer + ".mlp.fc2", hidden);
  }

  Matrix normed(const std::string& name, Matrix x) const {
    for (Vector& token : x) token = norm(name, token);
    return x;
  }

  Matrix embedded(const std::vector<TokenId>& tokens, const std::vector<MusicalPlace>& places) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const bool learned = config_.positions == checkpoint::Positions::kLearned;
    Matrix x;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      const MusicalPlace place = places.empty() ? MusicalPlace{} : places[t];
      x.push_back(row("token_embedding.weight", static_cast<std::size_t>(tokens[t]), d));
      if (config_.family == checkpoint::Family::kTransformer && learned) {
        x.back() = plus(x.back(), row("position_embedding.weight", t, d));
      }
      if (config_.places > 0) x.back() = plus(x.back(), row("place_embedding.weight", place.in_bar, d));
      if (config_.slots > 0) x.back() = plus(x.back(), row("slot_embedding.weight", place.slot, d));
    }
    return x;
  }

  Matrix transformer(Matrix x) const {
    const bool pre = config_.norm_placement == checkpoint::NormPlacement::kPre;
    if (!pre) x = normed("embedding_norm", x);
    for (int n = 0; n < config_.n_layers; ++n) {
      const std::string layer = "layers." + std::to_string(n);
      const Matrix change = attention_layer(layer, pre ? normed(layer + ".attention_norm", x) : x);
      for (std::size_t t = 0; t < x.size(); ++t) x[t] = plus(x[t], change[t]);
      if (!pre) x = normed(layer + ".attention_norm", x);
      for (Vector& token : x) token = plus(token, mlp(layer, pre ? norm(layer + ".mlp_norm", token) : token));
      if (!pre) x = normed(layer + ".mlp_norm", x);
    }
    if (pre) x = normed("final_norm", x);
    for (Vector& token : x) token = logits(token);
    return x;
  }

  Matrix recurrent(const Matrix& embeddings) const {
    Matrix x = config_.cell == checkpoint::CellKind::kGru ? gru(embeddings) : lstm(embeddings);
    if (config_.attention_window > 0) {
      const Matrix change = attention_layer("layers." + std::to_string(config_.n_layers - 1), x);
      for (std::size_t t = 0; t < x.size(); ++t) x[t] = plus(x[t], change[t]);
    }
    for (Vector& token : x) token = logits(token);
    return x;
  }

  Matrix lstm(Matrix x) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const auto sigmoid = [](double value) { return 1 / (1 + std::exp(-value)); };
    for (int n = 0; n < config_.n_layers; ++n) {
      const std::string layer = "layers." + std::to_string(n) + ".lstm";
      const auto& bias = model_.at(layer + ".bias");
      Vector hidden(d);
      Vector cell(d);
      for (Vector& token : x) {
        const Vector gates = plus(plus(product(layer + ".input.weight", token), {bias.begin(), bias.end()}),
                                  product(layer + ".recurrent.weight", hidden));
        for (std::size_t u = 0; u < d; ++u) {
          cell[u] = sigmoid(gates[d + u]) * cell[u] + sigmoid(gates[u]) * std::tanh(gates[2 * d + u]);
          hidden[u] = sigmoid(gates[3 * d + u]) * std::tanh(cell[u]);
        }
        token = hidden;
      }
    }
    return x;
  }

  // r, z = sigmoid(a + U h), n = tanh(a + r (U h + c)), h = (1 - z) n + z h
  Matrix gru(Matrix x) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const auto sigmoid = [](double value) { return 1 / (1 + std::exp(-value)); };
    for (int n = 0; n < config_.n_layers; ++n) {
      const std::string layer = "layers." + std::to_string(n) + ".gru";
      const auto& bias = model_.at(layer + ".bias");
      const auto& recurrent_bias = model_.at(layer + ".recurrent_bias");
      Vector hidden(d);
      for (Vector& token : x) {
        const Vector a = plus(product(layer + ".input.weight", token), {bias.begin(), bias.end()});
        const Vector b = product(layer + ".recurrent.weight", hidden);
        for (std::size_t u = 0; u < d; ++u) {
          const double reset = sigmoid(a[u] + b[u]), update = sigmoid(a[d + u] + b[d + u]);
          const double candidate = std::tanh(a[2 * d + u] + reset * (b[2 * d + u] + recurrent_bias[u]));
          hidden[u] = (1 - update) * candidate + update * hidden[u];
        }
        token = hidden;
      }
    }
    return x;
  }

  const SyntheticModel& model_;
  checkpoint::ModelConfig config_;
};

}  // namespace continuo::engine
