#include "bar_loop.h"

#include <algorithm>
#include <utility>

namespace continuo::generate {

void BarLoop::push(TokenId token, const tokens::MusicalPosition& next) {
  if (facts_.in_clock_time()) return;
  const tokens::TokenTraits& traits = facts_.of(token);
  const bool reaches_bar = !facts_.marks_bars() && next.step > at_.step && next.place <= at_.place;
  if (traits.begins_bar()) end_bar();
  if (traits.strikes) present_.push_back({traits.begins_bar() ? 0 : at_.place, token});
  if (reaches_bar) end_bar();
  at_ = next;
}

void BarLoop::end_bar() {
  equal_ = equal_ > 0 && present_ == last_ ? equal_ + 1 : 1;
  std::swap(last_, present_);
  present_.clear();
}

std::optional<TokenId> BarLoop::avoided() const {
  const bool is_one_more = equal_ + 1 >= kMostEqualBars && present_ == last_;
  if (last_.empty()) return is_one_more && facts_.marks_bars() ? std::optional(facts_.bar_token()) : std::nullopt;
  const std::size_t middle = last_.size() / 2;
  const auto [place, token] = last_[middle];
  if (facts_.begins_bar(token)) return is_one_more ? std::optional(token) : std::nullopt;
  const bool repeats = present_.size() == middle && std::equal(present_.begin(), present_.end(), last_.begin());
  return repeats && place == at_.place && equal_ >= kMostEqualBars ? std::optional(token) : std::nullopt;
}

}  // namespace continuo::generate
