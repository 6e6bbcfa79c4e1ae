#pragma once

#include <cstdint>

namespace continuo {

// The negative log-likelihood of some tokens. Units: nats.
struct Nll {
  double sum = 0;
  std::uint64_t tokens = 0;

  double mean() const { return tokens > 0 ? sum / static_cast<double>(tokens) : 0; }
};

}  // namespace continuo
