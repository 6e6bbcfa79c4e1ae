#pragma once

#include "../beat/bar_speller.h"

namespace continuo::tokens {

// Bar [TimeSig] Position, then changes and notes.
class RemiPlusSpeller final : public BarSpeller<RemiPlusSpeller> {
 public:
  using BarSpeller::BarSpeller;
  void say_bar(int meter) {
    say(WordKind::kBar, 0);
    if (words_.has(WordKind::kTimeSignature)) say(WordKind::kTimeSignature, meter);
  }
  void say_position(std::int64_t position, const BeatMark*) { say(WordKind::kPosition, position); }
  void say_rest(int length) { say(WordKind::kRest, length); }
  void say_change(const BeatMark& mark, bool is_said) {
    if (mark.kind != WordKind::kTimeSignature || !is_said) say_mark(mark);
  }
  using BeatSpeller::say_note;
};

}  // namespace continuo::tokens
