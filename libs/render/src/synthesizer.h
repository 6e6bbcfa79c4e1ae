#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/render/audio_options.h"
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

// FluidSynth, fed by the sample and silent on the terminal. Owns the synth; not copyable.
class Synthesizer {
 public:
  // Errors: not_found, io (no SoundFont that can be read).
  static Result<std::unique_ptr<Synthesizer>> create(const score::Score& score, const AudioOptions& options);
  ~Synthesizer();
  Synthesizer(const Synthesizer&) = delete;
  Synthesizer& operator=(const Synthesizer&) = delete;

  void apply(const SoundEvent& event);
  // Shape: interleaved [frames, 2]. Full scale is 1; louder samples are not clipped.
  void render(std::span<float> samples);

 private:
  struct State;
  explicit Synthesizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace continuo::render
