#include "sound_events.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace continuo::render {
namespace {

constexpr int kDrumBank = 128;

// A track's program is Track::program, and a controller that stops all sound is no part of the music.
bool is_for_synth(const score::ControlChange& control) {
  constexpr int kFirstMode = 120, kResetAllControllers = 121;
  if (control.controller >= kFirstMode) return control.controller == kResetAllControllers;
  return control.controller != 0 && control.controller != 32;
}

// The order within a tick: ends at -1, notes begin at 1, and events are before, between or after these.
int rank_of(const SoundEvent& event) {
  if (event.kind == SoundEvent::Kind::note_off) return -1;
  if (event.kind == SoundEvent::Kind::note_on) return 1;
  return 2 * static_cast<int>(event.place);
}

// A note without length sounds for one sample.
void put_notes(const score::Track& track, int channel, const auto& sample_at, std::vector<SoundEvent>& events) {
  for (const score::Note& note : track.notes) {
    const std::int64_t on = sample_at(note.onset);
    const std::int64_t off = std::max(on + 1, sample_at(note.end()));
    events.push_back({on, SoundEvent::Kind::note_on, channel, note.pitch, note.velocity, note.onset});
    events.push_back({off, SoundEvent::Kind::note_off, channel, note.pitch, 0, note.end()});
  }
}

}  // namespace

std::vector<SoundEvent> sound_events(const score::Score& score, int sample_rate_hz, std::size_t channels) {
  const score::TempoMap tempo_map = score.tempo_map();
  const auto sample_at = [&](score::Ticks time) {
    return static_cast<std::int64_t>(std::llround(tempo_map.to_seconds(time).value * sample_rate_hz));
  };
  std::vector<SoundEvent> events;
  for (std::size_t t = 0; t < score.tracks.size(); ++t) {
    const score::Track& track = score.tracks[t];
    const int channel = static_cast<int>(t % channels);
    const auto put = [&](const auto& event, SoundEvent::Kind kind, int first, int second) {
      events.push_back({sample_at(event.onset), kind, channel, first, second, event.onset, event.place});
    };
    events.push_back({0, SoundEvent::Kind::program, channel, track.is_drum ? kDrumBank : 0, track.program});
    for (const score::ControlChange& c : track.controls) {
      if (is_for_synth(c)) put(c, SoundEvent::Kind::control, c.controller, c.value);
    }
    for (const score::PitchBend& bend : track.pitch_bends) put(bend, SoundEvent::Kind::bend, bend.value + 8192, 0);
    for (const score::Pressure& pressure : track.pressures) {
      if (pressure.key == score::Pressure::kAllKeys) {
        put(pressure, SoundEvent::Kind::channel_pressure, pressure.value, 0);
      } else {
        put(pressure, SoundEvent::Kind::key_pressure, pressure.key, pressure.value);
      }
    }
    put_notes(track, channel, sample_at, events);
  }
  std::stable_sort(events.begin(), events.end(), [](const SoundEvent& a, const SoundEvent& b) {
    return std::tuple(a.sample, a.tick, rank_of(a), a.kind) < std::tuple(b.sample, b.tick, rank_of(b), b.kind);
  });
  return events;
}

}  // namespace continuo::render
