#include "octuple_clock.h"

#include <algorithm>
#include <utility>

namespace continuo::tokens {

WordKind last_of_octuple(const BeatWords& words) {
  for (const WordKind kind : {WordKind::kTimeSignature, WordKind::kTempo, WordKind::kProgram})
    if (words.has(kind)) return kind;
  return WordKind::kDuration;
}

OctupleClock::OctupleClock(const BeatWords& words)
    : words_(&words), last_(last_of_octuple(words)), meter_(words.default_meter()), tempo_(words.default_tempo()) {
  row_.meter = meter_;
  row_.tempo = tempo_;
}

bool OctupleClock::accept(Word word) {
  switch (word.kind) {
    case WordKind::kPitch:
    case WordKind::kDrumPitch:
      row_.pitch = word.value;
      row_.is_drum = word.kind == WordKind::kDrumPitch;
      break;
    case WordKind::kPosition:
      row_.position = word.value;
      break;
    case WordKind::kBarNumber:
      row_.bar = word.value;
      break;
    case WordKind::kVelocity:
      row_.velocity = word.value;
      break;
    case WordKind::kDuration:
      row_.duration = word.value;
      break;
    case WordKind::kProgram:
      row_.program = word.value;
      break;
    case WordKind::kTempo:
      row_.tempo = word.value;
      break;
    case WordKind::kTimeSignature:
      row_.meter = word.value;
      break;
    default:
      return false;
  }
  if (word.kind != last_) return false;
  move_to_row();
  return true;
}

void OctupleClock::move_to_row() {
  if (bar_ < 0) {
    bar_ = 0;
    meter_ = row_.meter;
    tempo_ = row_.tempo;
  }
  if (row_.bar > bar_) {
    bar_onset_ += std::int64_t{row_.bar - std::exchange(bar_, row_.bar)} * words_->meter(meter_).ticks_per_bar;
    meter_ = row_.meter;
  }
  const std::int64_t place = bar_onset_ + std::int64_t{row_.position} * words_->meter(meter_).ticks_per_position;
  seconds_ += double(std::max<std::int64_t>(0, place - now_)) * words_->microseconds_per_quarter(tempo_) * 1e-6 /
              words_->ticks_per_quarter();
  now_ = place;
  tempo_ = row_.tempo;
}

}  // namespace continuo::tokens
