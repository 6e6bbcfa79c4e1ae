#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "continuo/base/result.h"
#include "continuo/render/audio_options.h"
#include "continuo/score/score.h"

#include "../sound_events.h"

namespace continuo::render {

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
