#pragma once

#include <cstddef>
#include <span>

#include "continuo/base/token_id.h"

namespace continuo::sampling {

// ln p(token) as the logits alone have it: at temperature 1, before legality and filters, so that it can be compared
// with the loss of validation. Broken logits count as in Sampler; equal logits give equal numbers on every CPU. Within
// about 1e-6.
// Shape: logits [vocab]. Requires: a token of the vocabulary. Range: at most 0; minus infinity where its logit is.
double log_likelihood(std::span<const float> logits, TokenId token);

// How likely a model finds what it has drawn, token by token.
struct Likelihood {
  double log_sum = 0;  // Units: nats
  std::size_t tokens = 0;

  void add(double log_likelihood) {
    log_sum += log_likelihood;
    ++tokens;
  }
  void add(const Likelihood& other) {
    log_sum += other.log_sum;
    tokens += other.tokens;
  }
  // 0 without tokens. Units: nats per token.
  double mean() const { return tokens > 0 ? log_sum / double(tokens) : 0; }
};

}  // namespace continuo::sampling
