#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::render {

// One thing that the synthesizer does, at a sample.
struct SoundEvent {
  // In this order within a tick, but for events whose score::TickPlace is not between.
  enum class Kind : std::uint8_t { note_off, program, control, bend, channel_pressure, key_pressure, note_on };
  std::int64_t sample = 0;
  Kind kind = Kind::note_on;
  int channel = 0;
  int first = 0, second = 0;
  score::Ticks tick{};
  score::TickPlace place = score::TickPlace::between;
};

inline constexpr std::size_t kSynthesizerChannels = 256;  // FluidSynth's own limit

// The score as events in order of time: by sample, then tick, then as the order within a tick says. Each track has a
// channel of its own, as far as they go. Requires: channels > 0.
std::vector<SoundEvent> sound_events(const score::Score& score, int sample_rate_hz,
                                     std::size_t channels = kSynthesizerChannels);

}  // namespace continuo::render
