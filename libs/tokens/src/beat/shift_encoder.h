#pragma once

#include "beat_encoder.h"

namespace continuo::tokens {

// Writes time as what passes between events: Rest where notes have ended, TimeShift otherwise, the longest words first.
class ShiftEncoder : public BeatEncoder {
 public:
  using BeatEncoder::BeatEncoder;
  void mark(const BeatMark& mark) {
    reach(mark.time);
    write_mark(mark);
    sounds_until(mark.time);
  }
  void end(const NoteEnd&) {}

 protected:
  void reach(std::int64_t time) {
    if (time == now_) return;
    if (meter_->rests != nullptr && time - sounds_until_ >= meter_->rests->shortest()) {
      now_ = std::max(sounds_until_, now_);
      pass(*meter_->rests, WordKind::kRest, time);
    }
    pass(*meter_->lengths, WordKind::kTimeShift, time);
    now_ = time;
  }
  void sounds_until(std::int64_t time) { sounds_until_ = std::max(sounds_until_, time); }

 private:
  void pass(const LengthTable& lengths, WordKind kind, std::int64_t until) {
    while (until - now_ >= lengths.shortest()) {
      const int length = lengths.within(until - now_);
      write(kind, length);
      now_ += lengths.ticks(length);
    }
  }
  std::int64_t now_ = 0, sounds_until_ = 0;
};

}  // namespace continuo::tokens
