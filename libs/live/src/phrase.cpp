#include "continuo/live/phrase.h"

#include <algorithm>
#include <cmath>

#include "continuo/score/bar_grid.h"

namespace continuo::live {
namespace {

constexpr std::int32_t kTicks = 480;  // a quarter

score::Ticks ticks(double quarters) { return score::Ticks(std::llround(quarters * kTicks)); }

// How much of the silence before `time` is left out, in whole bars. Requires: `time` in [begin, end).
class Silence {
 public:
  Silence(std::span<const PhraseNote> notes, double begin, double end, double bar) : begin_(begin), bar_(bar) {
    const auto bars = static_cast<std::size_t>(std::max(0.0, std::ceil((end - begin) / bar - 1e-6)));
    std::vector<bool> sounds(bars);
    for (const PhraseNote& note : notes) {
      if (note.onset < begin || note.onset >= end) continue;
      const std::size_t last = index(std::max(note.onset, std::min(note.end(), end) - 1e-3));
      for (std::size_t i = index(note.onset); i <= last && i < bars; ++i) sounds[i] = true;
    }
    double silent = 0;
    for (const bool is_heard : sounds) {
      before_.push_back(silent);
      if (!is_heard) silent += bar;
    }
  }
  double before(double time) const { return before_[index(time)]; }

 private:
  std::size_t index(double time) const { return static_cast<std::size_t>((time - begin_) / bar_ + 1e-9); }

  double begin_, bar_;
  std::vector<double> before_;  // of each bar, quarters
};

}  // namespace

void HeardPhrase::press(Time at, int pitch, int velocity) {
  release(at, pitch);
  notes_.push_back({at, {}, pitch, velocity});
  last_event_ = at;
}

void HeardPhrase::release(Time at, int pitch) {
  for (Key& note : notes_) {
    if (note.pitch != pitch || note.off) continue;
    note.off = at;
    last_event_ = at;
  }
}

void HeardPhrase::release_all(Time at) {
  for (Key& note : notes_)
    if (!note.off) note.off = at;
  last_event_ = std::max(last_event_, at);
}

bool HeardPhrase::is_key_down() const {
  return std::ranges::any_of(notes_, [](const Key& note) { return !note.off; });
}

HeardPhrase::OnGrid HeardPhrase::follow(const BeatGrid& expected, Time now) const {
  std::vector<Time> onsets;
  for (const Key& note : notes_) onsets.push_back(note.on);
  FollowedBeat beat = follow_beat(onsets, expected);
  constexpr double kShortest = 0.25;
  OnGrid result{{}, beat.grid};
  for (std::size_t i = 0; i < notes_.size(); ++i) {
    const double length =
        double((notes_[i].off.value_or(now) - notes_[i].on).count()) / double(beat.grid.quarter.count());
    result.notes.push_back({beat.positions[i], std::max(length, kShortest), notes_[i].pitch, notes_[i].velocity});
  }
  return result;
}

score::Score written(std::span<const PhraseNote> notes, double begin, double end, const PhraseNotation& notation) {
  score::Score score;
  score.ticks_per_quarter = kTicks;
  score.tempos = {{score::Ticks(0), static_cast<std::int32_t>(std::lround(6e7 / notation.quarters_per_minute))}};
  score.time_signatures = {{score::Ticks(0), notation.meter_numerator, notation.meter_denominator}};
  score::Track track;
  track.program = static_cast<std::uint8_t>(notation.program);
  const Silence silence(notes, begin, end, notation.bar());
  for (const PhraseNote& note : notes) {
    if (note.onset < begin || note.onset >= end) continue;
    const double first = begin + silence.before(note.onset);
    const score::Ticks onset = ticks(note.onset - first), stop = ticks(std::min(note.end(), end) - first);
    track.notes.push_back({.onset = onset,
                           .duration = std::max(stop - onset, score::Ticks(1)),
                           .pitch = static_cast<std::uint8_t>(note.pitch),
                           .velocity = static_cast<std::uint8_t>(std::clamp(note.velocity, 1, 127))});
  }
  score.tracks.push_back(std::move(track));
  score.sort();
  return score;
}

std::vector<PhraseNote> bar_after(const score::Score& given, const score::Score& composed, double begin) {
  const score::Bar last = score::BarGrid(given).bars().back();
  const auto quarters = [&](score::Ticks time) { return double(time.value) / composed.ticks_per_quarter; };
  std::vector<PhraseNote> notes;
  for (const score::Track& track : composed.tracks) {
    if (track.is_drum) continue;
    for (const score::Note& note : track.notes) {
      if (note.onset < last.end() || note.onset >= last.end() + last.length) continue;
      notes.push_back({begin + quarters(note.onset - last.end()),
                       std::min(quarters(note.duration), 2 * quarters(last.length)), note.pitch, note.velocity});
    }
  }
  std::ranges::sort(notes, {}, &PhraseNote::onset);
  return notes;
}

}  // namespace continuo::live
