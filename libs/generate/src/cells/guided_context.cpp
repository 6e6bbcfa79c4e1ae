#include "guided_context.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace continuo::generate {

namespace {

// The logarithm of the sum of the likelihoods of some words, but for a constant.
float log_sum(std::span<const float> logits, std::span<const std::size_t> words) {
  float most = -std::numeric_limits<float>::infinity();
  for (const std::size_t word : words) most = std::max(most, logits[word]);
  double sum = 0;
  for (const std::size_t word : words) sum += std::exp(double(logits[word] - most));
  return most + float(std::log(sum));
}

}  // namespace

Result<GuidedContext> GuidedContext::start(const Request& request, double guidance, std::vector<std::uint8_t> guided) {
  CONTINUO_ASSIGN(CellContext asked, CellContext::start(request));
  if (guidance == 1) return GuidedContext(std::move(asked), std::nullopt, guidance, std::move(guided));
  CONTINUO_ASSIGN(CellContext plain, CellContext::start(request));
  return GuidedContext(std::move(asked), std::move(plain), guidance, std::move(guided));
}

void GuidedContext::set_ahead(const std::vector<TokenId>& tokens) {
  asked_.set_ahead(tokens);
  if (plain_) plain_->set_ahead(tokens);
}

void GuidedContext::add_bar(const std::vector<TokenId>& tokens) {
  asked_.add_bar(tokens);
  if (plain_) plain_->add_bar(tokens);
}

void GuidedContext::read(Reading tokens) {
  asked_.read(tokens.asked);
  if (plain_) plain_->read(tokens.plain);
}

std::span<const float> GuidedContext::logits(std::span<const std::uint8_t> legal) {
  const std::span<const float> asked = asked_.logits();
  if (!plain_) return asked;
  const std::span<const float> plain = plain_->logits();
  mixed_.assign(asked.begin(), asked.end());
  guided_words_.clear();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (legal[i] == 0 || guided_[i] == 0) continue;
    guided_words_.push_back(i);
    mixed_[i] = plain[i] + guidance_ * (asked[i] - plain[i]);
  }
  const float shift = log_sum(asked, guided_words_) - log_sum(mixed_, guided_words_);
  if (std::isfinite(shift))
    for (const std::size_t word : guided_words_) mixed_[word] += shift;
  return mixed_;
}

}  // namespace continuo::generate
