#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "synthetic_model.h"

namespace continuo::engine {

// The four models as their papers write them, in double precision and without any cleverness: what the engine's
// logits must equal. Reads the weights by the names of tensor_names.h and shares no code with the engine.
class ReferenceModel {
 public:
  using Vector = std::vector<double>;
  using Matrix = std::vector<Vector>;  // [tokens][features]

  explicit ReferenceModel(const SyntheticModel& model) : model_(model), config_(model.config()) {}

  Matrix forward(const std::vector<TokenId>& tokens) const {
    return config_.family == checkpoint::Family::kLstm ? lstm(tokens) : transformer(tokens);
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

  Vector linear(const std::string& name, const Vector& x) const {
    const auto& bias = model_.at(name + ".bias");
    return plus(product(name + ".weight", x), {bias.begin(), bias.end()});
  }

  Vector norm(const std::string& name, const Vector& x) const {
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
    if (config_.activation == checkpoint::Activation::kGelu) return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
  }

  Vector logits(const Vector& x) const {
    const auto& bias = model_.at("output.bias");
    return plus(product(config_.tied_output ? "token_embedding.weight" : "output.weight", x),
                {bias.begin(), bias.end()});
  }

  // Turns the features i and i + width / 2 of each head's queries and keys by the angle position * 10000^(-2 i /
  // width).
  void rotate(Matrix& rows) const {
    const auto heads = static_cast<std::size_t>(config_.n_heads), d = static_cast<std::size_t>(config_.d_model);
    const std::size_t width = d / heads;
    for (std::size_t t = 0; t < rows.size(); ++t) {
      for (std::size_t head = 0; head < 2 * heads; ++head) {  // those of queries, then those of keys
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

  // Shape: rows [tokens][3 d_model]; returns [tokens][d_model].
  Matrix attention(const std::string& layer, const Matrix& rows) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const auto heads = static_cast<std::size_t>(config_.n_heads);
    const std::size_t width = d / heads;
    Matrix output(rows.size(), Vector(d));
    for (std::size_t t = 0; t < rows.size(); ++t) {
      const bool causal = config_.masking == checkpoint::Masking::kCausal;
      const std::size_t seen = causal ? t + 1 : rows.size();
      for (std::size_t h = 0; h < heads; ++h) {
        Vector weights(seen);
        double sum = 0;
        for (std::size_t s = 0; s < seen; ++s) {
          double score = 0;
          Vector key(rows[s].begin() + static_cast<std::ptrdiff_t>(d + h * width),
                     rows[s].begin() + static_cast<std::ptrdiff_t>(d + (h + 1) * width));
          if (config_.positions == checkpoint::Positions::kRelative) {
            const auto distance = static_cast<std::ptrdiff_t>(t) - static_cast<std::ptrdiff_t>(s);
            key = plus(key, distance_key(layer, distance, h, width));
          }
          for (std::size_t i = 0; i < width; ++i) score += rows[t][h * width + i] * key[i];
          sum += weights[s] = std::exp(score / std::sqrt(static_cast<double>(width)));
        }
        for (std::size_t s = 0; s < seen; ++s) {
          for (std::size_t i = 0; i < width; ++i) {
            output[t][h * width + i] += weights[s] / sum * rows[s][2 * d + h * width + i];
          }
        }
      }
    }
    return output;
  }

  Matrix attention_layer(const std::string& layer, const Matrix& x) const {
    Matrix rows;
    for (const Vector& token : x) rows.push_back(linear(layer + ".attention.qkv", token));
    if (config_.positions == checkpoint::Positions::kRotary) rotate(rows);
    Matrix mixed = attention(layer, rows);
    for (Vector& token : mixed) token = linear(layer + ".attention.proj", token);
    return mixed;
  }

  Vector mlp(const std::string& layer, const Vector& x) const {
    Vector hidden = linear(layer + ".mlp.fc1", x);
    for (double& value : hidden) value = activate(value);
    return linear(layer + ".mlp.fc2", hidden);
  }

  Matrix normed(const std::string& name, Matrix x) const {
    for (Vector& token : x) token = norm(name, token);
    return x;
  }

  Matrix transformer(const std::vector<TokenId>& tokens) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const bool pre = config_.norm_placement == checkpoint::NormPlacement::kPre;
    Matrix x;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      x.push_back(row("token_embedding.weight", static_cast<std::size_t>(tokens[t]), d));
      if (config_.positions == checkpoint::Positions::kLearned) {
        x.back() = plus(x.back(), row("position_embedding.weight", t, d));
      }
    }
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

  Matrix lstm(const std::vector<TokenId>& tokens) const {
    const auto d = static_cast<std::size_t>(config_.d_model);
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    Matrix x;
    for (const TokenId token : tokens) x.push_back(row("token_embedding.weight", static_cast<std::size_t>(token), d));
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
    for (Vector& token : x) token = logits(token);
    return x;
  }

  const SyntheticModel& model_;
  checkpoint::ModelConfig config_;
};

}  // namespace continuo::engine
