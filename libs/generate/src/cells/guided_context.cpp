#include "guided_context.h"

#include <utility>

namespace continuo::generate {

Result<GuidedContext> GuidedContext::start(const Request& request, double guidance) {
  CONTINUO_ASSIGN(CellContext asked, CellContext::start(request));
  if (guidance == 1) return GuidedContext(std::move(asked), std::nullopt, guidance);
  CONTINUO_ASSIGN(CellContext plain, CellContext::start(request));
  return GuidedContext(std::move(asked), std::move(plain), guidance);
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
  mix();
}

void GuidedContext::mix() {
  if (!plain_) return;
  const std::span<const float> asked = asked_.logits(), plain = plain_->logits();
  mixed_.resize(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) mixed_[i] = plain[i] + guidance_ * (asked[i] - plain[i]);
}

}  // namespace continuo::generate
