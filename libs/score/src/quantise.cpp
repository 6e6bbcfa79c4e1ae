#include "continuo/score/quantise.h"

#include <span>

namespace continuo::score {
namespace {

std::int64_t floor_divided(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Splits off whole quarters first, so that large times do not overflow.
std::int64_t scaled(std::int64_t time, std::int64_t from, std::int64_t to) {
  const std::int64_t quarters = floor_divided(time, from);
  const std::int64_t rest = time - quarters * from;
  return quarters * to + (2 * rest * to + from) / (2 * from);
}

template <typename Event>
void rescale_onsets(std::vector<Event>& events, std::int64_t from, std::int64_t to) {
  for (Event& event : events) event.onset = Ticks(scaled(event.onset.value, from, to));
}

// Events of several ticks that become one keep their order, and lose their places: those were among the notes of their
// own ticks. Requires: sorted by onset.
template <typename Event>
void rescale_places(std::vector<Event>& events, std::int64_t from, std::int64_t to) {
  for (std::size_t first = 0, next = 0; first < events.size(); first = next) {
    const Ticks onset(scaled(events[first].onset.value, from, to));
    bool is_one_tick = true;
    for (; next < events.size() && scaled(events[next].onset.value, from, to) == onset.value; ++next) {
      is_one_tick = is_one_tick && events[next].onset == events[first].onset;
    }
    for (Event& event : std::span(events).subspan(first, next - first)) {
      event.onset = onset;
      if (!is_one_tick) event.place = TickPlace::between;
    }
  }
}

}  // namespace

std::int64_t nearest_step(Ticks time, std::int32_t ticks_per_quarter, int steps_per_quarter) {
  return scaled(time.value, ticks_per_quarter, steps_per_quarter);
}

Score resampled(const Score& score, std::int32_t ticks_per_quarter) {
  const std::int64_t from = score.ticks_per_quarter;
  const std::int64_t to = ticks_per_quarter;
  Score result = score;
  if (from == to) return result;
  result.ticks_per_quarter = ticks_per_quarter;
  result.sort();
  for (Track& track : result.tracks) {
    for (Note& note : track.notes) {
      const std::int64_t onset = scaled(note.onset.value, from, to);
      const std::int64_t duration = scaled(note.end().value, from, to) - onset;
      note.duration = Ticks(note.duration > Ticks(0) ? std::max<std::int64_t>(1, duration) : 0);
      note.onset = Ticks(onset);
    }
    rescale_places(track.controls, from, to);
    rescale_places(track.pitch_bends, from, to);
    rescale_places(track.pressures, from, to);
  }
  rescale_onsets(result.tempos, from, to);
  rescale_onsets(result.time_signatures, from, to);
  for (IrregularBar& bar : result.irregular_bars) {
    const std::int64_t onset = scaled(bar.onset.value, from, to);
    bar.length = Ticks(std::max<std::int64_t>(1, scaled(bar.end().value, from, to) - onset));
    bar.onset = Ticks(onset);
  }
  rescale_onsets(result.key_signatures, from, to);
  rescale_onsets(result.chord_symbols, from, to);
  rescale_onsets(result.markers, from, to);
  result.sort();
  return result;
}

Score quantised(const Score& score, int steps_per_quarter) {
  const std::int64_t ticks_per_step = std::max<std::int64_t>(1, scaled(score.ticks_per_quarter, steps_per_quarter, 1));
  Score result = resampled(score, static_cast<std::int32_t>(ticks_per_step * steps_per_quarter));
  // Steps come from the original times: rounding twice could choose the wrong one.
  for (std::size_t t = 0; t < score.tracks.size(); ++t) {
    std::vector<Note>& notes = result.tracks[t].notes;
    notes = score.tracks[t].notes;
    for (Note& note : notes) {
      const std::int64_t first = nearest_step(note.onset, score.ticks_per_quarter, steps_per_quarter);
      const std::int64_t last = nearest_step(note.end(), score.ticks_per_quarter, steps_per_quarter);
      note.onset = Ticks(first * ticks_per_step);
      note.duration = Ticks(std::max<std::int64_t>(1, last - first) * ticks_per_step);
    }
  }
  result.sort();
  return result;
}

}  // namespace continuo::score
