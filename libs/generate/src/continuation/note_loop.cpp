#include "note_loop.h"

namespace continuo::generate {

void NoteLoop::push(TokenId token, double seconds) {
  if (!facts_.in_clock_time() || !facts_.of(token).strikes) return;
  for (std::size_t length = 1; length <= known(); ++length) {
    Passage& passage = passages_[length - 1];
    if (passage.repeated < kShareThatBegins) passage.since = seconds;
    const double equal = back(length).token == token ? 1 : 0;
    passage.repeated += (equal - passage.repeated) / double(kPlayings * length);
  }
  strikes_[count_++ % kLongestPassage] = {token, seconds};
}

std::optional<TokenId> NoteLoop::avoided() const {
  for (std::size_t length = 1; length <= known(); ++length) {
    const Passage& passage = passages_[length - 1];
    const bool is_loop = passage.repeated > kLargestShare && back(1).seconds - passage.since >= kLeastSeconds;
    if (is_loop) return back(length).token;
  }
  return std::nullopt;
}

}  // namespace continuo::generate
