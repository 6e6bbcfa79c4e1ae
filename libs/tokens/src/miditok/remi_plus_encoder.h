#pragma once

#include "../beat/bar_encoder.h"

namespace continuo::tokens {

// Bar [TimeSig] Position, then changes and notes.
class RemiPlusEncoder final : public BarEncoder<RemiPlusEncoder> {
 public:
  using BarEncoder::BarEncoder;
  void write_bar(int meter) {
    write(WordKind::kBar, 0);
    if (words_.has(WordKind::kTimeSignature)) write(WordKind::kTimeSignature, meter);
  }
  void write_position(std::int64_t position, const BeatMark*) { write(WordKind::kPosition, position); }
  void write_rest(int length) { write(WordKind::kRest, length); }
  void write_change(const BeatMark& mark, bool is_written) {
    if (mark.kind != WordKind::kTimeSignature || !is_written) write_mark(mark);
  }
  using BeatEncoder::write_note;
};

}  // namespace continuo::tokens
