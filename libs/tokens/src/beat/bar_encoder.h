#pragma once

#include <algorithm>

#include "beat_encoder.h"

namespace continuo::tokens {

// Goes through a piece by bars and positions and leaves the words to `Form`:
//   write_bar(meter)                a bar begins, and its meter
//   write_position(p, mark)         the next events are at position p; the first of them, or null for a note
//   write_rest(length)              an index of the rests
//   write_change(mark, is_written)  a change itself; is_written: its bar has named it, a time signature
//   write_note(note)
// Bars that pass during a rest are not named.
template <typename Form>
class BarEncoder : public BeatEncoder {
 public:
  using BeatEncoder::BeatEncoder;
  void mark(const BeatMark& mark) {
    const bool is_meter = mark.kind == WordKind::kTimeSignature;
    const std::int64_t bars_before = bar_;
    form().expect(mark);
    reach(mark.time, &mark);
    if (is_meter) {
      section_bar_ += (mark.time - section_onset_) / meter_->ticks_per_bar;
      section_onset_ = mark.time;
      meter_ = &words_.meter(mark.value);
      --reached_;
    }
    form().write_change(mark, bar_ != bars_before);
    sounds_until_ = std::max(sounds_until_, mark.time);
  }
  void note(const GridNote& note) {
    reach(note.onset, nullptr);
    form().write_note(note);
    sounds_until_ = std::max(sounds_until_, note.end());
  }
  void end(const NoteEnd&) {}
  // Is given a mark before its place is written.
  void expect(const BeatMark&) {}

 private:
  Form& form() { return static_cast<Form&>(*this); }
  std::int64_t bar_at(std::int64_t time) const {
    return section_bar_ + (time - section_onset_) / meter_->ticks_per_bar;
  }

  void reach(std::int64_t time, const BeatMark* mark) {
    if (time == reached_) return;
    if (meter_->rests != nullptr && time - sounds_until_ >= meter_->rests->shortest()) rest(time);
    const bool is_meter = mark != nullptr && mark->kind == WordKind::kTimeSignature;
    for (std::int64_t bars = bar_at(time) - bar_; bars > 0; --bars) {
      ++bar_;
      bar_onset_ = section_onset_ + (bar_ - section_bar_) * meter_->ticks_per_bar;
      form().write_bar(is_meter && bars == 1 ? mark->value : int(meter_ - &words_.meter(0)));
    }
    if (!is_meter) form().write_position((time - bar_onset_) / meter_->ticks_per_position, mark);
    reached_ = time;
  }

  void rest(std::int64_t time) {
    reached_ = std::max(sounds_until_, reached_);
    while (time - reached_ >= meter_->rests->shortest()) {
      const int length = meter_->rests->within(time - reached_);
      form().write_rest(length);
      reached_ += meter_->rests->ticks(length);
    }
    const std::int64_t passed = bar_at(reached_) - std::max<std::int64_t>(0, bar_);
    bar_ = std::max<std::int64_t>(0, bar_) + passed;
    bar_onset_ += passed * meter_->ticks_per_bar;
  }

  std::int64_t reached_ = -1;  // the time of the last event
  std::int64_t sounds_until_ = 0;
  std::int64_t bar_ = -1, bar_onset_ = 0;
  std::int64_t section_bar_ = 0, section_onset_ = 0;  // where the meter began
};

}  // namespace continuo::tokens
