#pragma once

#include <cstdint>

namespace continuo {

// The negative log-likelihood of some tokens, each with a weight, usually 1. Units: nats.
struct Nll {
  double sum = 0;     // weighted
  double weight = 0;  // of all tokens
  std::uint64_t tokens = 0;

  double mean() const { return weight > 0 ? sum / weight : 0; }
  // `count` tokens of one weight, whose NLL without it is `nats`.
  void add(double nats, std::uint64_t count = 1, double weight_each = 1) {
    sum += weight_each * nats;
    weight += weight_each * static_cast<double>(count);
    tokens += count;
  }
  void add(const Nll& other) {
    sum += other.sum;
    weight += other.weight;
    tokens += other.tokens;
  }
  friend bool operator==(const Nll&, const Nll&) = default;
};

}  // namespace continuo
