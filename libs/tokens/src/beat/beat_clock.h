#pragma once

#include <algorithm>
#include <cstdint>

#include "beat_words.h"

namespace continuo::tokens {

// Where a sequence of words of the beat family has come in time, word by word. Reading, grammars and length meters walk
// by the same clock. Units: the words' ticks. A copy is small; the words must outlive it.
class BeatClock {
 public:
  explicit BeatClock(const BeatWords& words)
      : words_(&words),
        meter_(words.default_meter()),
        has_bars_(words.has(WordKind::kBar)),
        in_cells_(words.has(WordKind::kPart)) {
    // Where onsets miss the grid, the first bar has no word.
    if (words.has_deviations()) bars_ = 1;
  }

  void accept(Word word) {
    switch (word.kind) {
      case WordKind::kBar:
        if (bars_++ > 0) begin_bar(bar_onset_ + meter().ticks_per_bar);
        break;
      case WordKind::kTimeSignature:
        meter_ = word.value;
        meter_onset_ = has_bars_ ? bar_onset_ : now_;
        break;
      case WordKind::kPosition:
        move_to(bar_onset_ + std::int64_t{word.value} * meter().ticks_per_position);
        break;
      case WordKind::kTimeShift:
        move_to(now_ + words_->shift(meter(), word.value));
        break;
      case WordKind::kRest:
        rest(meter().rests->ticks(word.value));
        break;
      case WordKind::kDuration:
        note_end_ = std::max(note_end_, now_ + meter().lengths->ticks(word.value));
        break;
      case WordKind::kTempo:
        microseconds_per_quarter_ = words_->microseconds_per_quarter(word.value);
        break;
      case WordKind::kTrack:
        if (word.value == 0) restart();
        break;
      default:
        break;
    }
  }

  std::int64_t now() const { return now_; }
  const BeatWords::Meter& meter() const { return words_->meter(meter_); }
  int meter_index() const { return meter_; }
  // 0 before the first.
  std::size_t bars_begun() const { return bars_; }
  // From the bar line on; rounded up.
  int position() const {
    return int((now_ - bar_onset_ + meter().ticks_per_position - 1) / meter().ticks_per_position);
  }
  // Where bars are not marked, they are counted from where the meter began.
  std::int64_t since_bar_line() const {
    return has_bars_ ? now_ - bar_onset_ : (now_ - meter_onset_) % meter().ticks_per_bar;
  }
  // Whether the meter's bars, counted from where it began, begin one here.
  bool at_bar_line() const { return (now_ - meter_onset_) % meter().ticks_per_bar == 0; }
  double seconds() const { return seconds_; }

 private:
  void pass(std::int64_t ticks) {
    seconds_ +=
        double(std::max<std::int64_t>(0, ticks)) * microseconds_per_quarter_ * 1e-6 / words_->ticks_per_quarter();
  }
  // Where the tracks of a bar follow one another, its time has passed when the next bar begins.
  void move_to(std::int64_t time) {
    if (!in_cells_) pass(time - now_);
    now_ = time;
  }
  void begin_bar(std::int64_t onset) {
    if (in_cells_) pass(onset - bar_onset_);
    move_to(onset);
    bar_onset_ = onset;
  }
  // Begins when the notes have ended; bars that begin meanwhile are not named.
  void rest(int ticks) {
    move_to(std::max(note_end_, now_) + ticks);
    if (!has_bars_) return;
    const std::int64_t bars = (now_ - bar_onset_) / meter().ticks_per_bar;
    bar_onset_ += bars * meter().ticks_per_bar;
    bars_ = std::max<std::size_t>(1, bars_) + std::size_t(bars);
  }
  void restart() {
    now_ = bar_onset_ = meter_onset_ = note_end_ = 0;
    seconds_ = 0;
    meter_ = words_->default_meter();
    bars_ = 0;
  }

  const BeatWords* words_;
  std::int64_t now_ = 0, bar_onset_ = 0, meter_onset_ = 0, note_end_ = 0;
  std::size_t bars_ = 0;
  int meter_;
  bool has_bars_, in_cells_;
  std::int32_t microseconds_per_quarter_ = 500000;
  double seconds_ = 0;
};

}  // namespace continuo::tokens
