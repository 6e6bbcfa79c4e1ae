#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/render/audio_options.h"
#include "continuo/score/score.h"

#include "fluidsynth/synthesizer.h"
#include "sampled/sampled_player.h"

namespace continuo::render {

// Plays a score: tracks with a voice by recorded notes, the others by FluidSynth, which is started only where one of
// them has notes. Not copyable.
class Mixer {
 public:
  // Errors: those of Synthesizer::create; invalid_argument (a voice without samples).
  static Result<Mixer> create(const score::Score& score, const AudioOptions& options);

  // The next samples. Shape: interleaved [frames, 2]. Errors: those of SampledPlayer::apply.
  Status render(std::span<float> samples);

 private:
  Mixer() = default;
  struct Part {
    std::vector<SoundEvent> events;
    std::size_t next = 0;
  };
  std::int64_t frame_ = 0;
  Part soundfont_part_, voice_part_;
  std::unique_ptr<Synthesizer> synthesizer_;
  std::optional<SampledPlayer> player_;
};

}  // namespace continuo::render
