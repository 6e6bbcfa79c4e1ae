#include "pedalling.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "continuo/score/bar_grid.h"
#include "continuo/score/chord.h"
#include "continuo/score/meter.h"
#include "continuo/score/tempo_map.h"

namespace continuo::generate {
namespace {

using score::PitchClassTimes;
using score::Score;
using score::Ticks;

// Shares of the time of notes that are not in the chord.
constexpr double kMostOutside = 0.15, kMostOutsideInABeat = 0.2;
constexpr double kShortestSpan = 0.4;    // seconds
constexpr double kAfterTheNotes = 0.06;  // seconds from the notes of a span to the pedal
constexpr int kLastPiano = 5;            // program
constexpr std::uint8_t kSustain = 64, kDown = 127, kUp = 0;

struct Beat {
  Ticks begin, end;
  PitchClassTimes times{};
};

std::vector<Beat> beats_of(const score::Bar& bar) {
  const score::TimeSignature& meter = bar.time_signature;
  const int count = std::max(1, score::is_compound(meter) ? meter.numerator / 3 : meter.numerator);
  std::vector<Beat> beats;
  for (int i = 0; i < count; ++i)
    beats.push_back(
        {bar.onset + Ticks(bar.length.value * i / count), bar.onset + Ticks(bar.length.value * (i + 1) / count)});
  return beats;
}

// Adds a note to the beats that it sounds in. `beats` are those of the piece, in order.
void add(const score::Note& note, std::vector<Beat>& beats) {
  auto beat = std::ranges::upper_bound(beats, note.onset, {}, &Beat::end);
  for (; beat != beats.end() && beat->begin < note.end(); ++beat)
    beat->times[note.pitch % 12] += double((std::min(note.end(), beat->end) - std::max(note.onset, beat->begin)).value);
}

double total(const PitchClassTimes& times) { return std::accumulate(times.begin(), times.end(), 0.0); }

// The share of the time of notes that are none of these, a bit for each pitch class.
double outside(const PitchClassTimes& times, std::uint16_t members) {
  double others = 0;
  for (std::size_t i = 0; i < times.size(); ++i)
    if ((members >> i & 1) == 0) others += times[i];
  return others / total(times);
}

bool is_one_chord(std::span<const Beat> beats) {
  PitchClassTimes times{};
  for (const Beat& beat : beats) {
    if (total(beat.times) == 0) return false;
    for (std::size_t i = 0; i < times.size(); ++i) times[i] += beat.times[i];
  }
  const auto best = score::best_chord(times);
  if (!best) return false;
  const std::uint16_t members = score::pitch_classes(best->chord);
  return outside(times, members) <= kMostOutside && std::ranges::all_of(beats, [&](const Beat& beat) {
           return outside(beat.times, members) <= kMostOutsideInABeat;
         });
}

// How many of the beats, from the first, are one chord.
std::size_t length_of_chord(std::span<const Beat> beats) {
  std::size_t length = beats.size();
  while (length > 0 && !is_one_chord(beats.first(length))) --length;
  return length;
}

bool can_be_pedalled(const score::Track& track) {
  return !track.is_drum && track.program <= kLastPiano && !track.notes.empty() &&
         std::ranges::find(track.controls, kSustain, &score::ControlChange::controller) == track.controls.end();
}

}  // namespace

std::vector<PedalSpan> pedal_spans(const Score& piece) {
  const score::BarGrid grid(piece);
  const score::TempoMap tempo = piece.tempo_map();
  std::vector<Beat> beats;
  std::vector<std::size_t> bars;  // the first beat of each, and of what follows the last
  for (const score::Bar& bar : grid.bars()) {
    bars.push_back(beats.size());
    const auto more = beats_of(bar);
    beats.insert(beats.end(), more.begin(), more.end());
  }
  bars.push_back(beats.size());
  for (const score::Track& track : piece.tracks)
    for (const score::Note& note : track.notes)
      if (!track.is_drum) add(note, beats);
  std::vector<PedalSpan> spans;
  for (std::size_t bar = 0; bar + 1 < bars.size(); ++bar) {
    for (std::size_t at = bars[bar]; at < bars[bar + 1];) {
      const std::size_t length = length_of_chord(std::span(beats).subspan(at, bars[bar + 1] - at));
      const PedalSpan span = {beats[at].begin, beats[at + std::max<std::size_t>(length, 1) - 1].end};
      const double seconds = (tempo.to_seconds(span.end) - tempo.to_seconds(span.begin)).value;
      if (length > 0 && seconds >= kShortestSpan) spans.push_back(span);
      at += std::max<std::size_t>(length, 1);
    }
  }
  return spans;
}

void add_pedal(const Score& written, Score& played) {
  const score::TempoMap tempo = played.tempo_map();
  const std::vector<PedalSpan> spans = pedal_spans(written);
  for (score::Track& track : played.tracks) {
    if (!can_be_pedalled(track)) continue;
    for (const PedalSpan& span : spans) {
      const Ticks down = tempo.to_ticks(score::Seconds(tempo.to_seconds(span.begin).value + kAfterTheNotes));
      track.controls.push_back({down, kSustain, kDown});
      track.controls.push_back({span.end, kSustain, kUp});
    }
  }
  played.sort();
}

}  // namespace continuo::generate
