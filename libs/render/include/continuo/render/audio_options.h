#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/render/sampled_voice.h"

namespace continuo::render {

// The peak of a file without a fixed gain. 1 dB of headroom keeps the peaks between samples, which a player
// interpolates, below full scale.
inline constexpr double kNormalPeakDbfs = -1;

struct AudioOptions {
  std::filesystem::path soundfont;  // empty: default_soundfont()
  int sample_rate_hz = 44100;       // Range: 8000 to 96000
  double tail_sec = 2.0;            // after the last note, for its sound to die away. Range: 0 to 60
  // Fixed gain in dB, 0 being FluidSynth's own level; empty: the loudest sample is at kNormalPeakDbfs.
  // Range: -60 to 24.
  std::optional<double> gain_db;
  // By the index of the track, what plays it. Tracks without, and those beyond the end, are played by the SoundFont,
  // which is needed for no others; both are mixed at their own levels.
  std::vector<std::shared_ptr<const SampledVoice>> voices = {};
};

// The General MIDI SoundFont found in the usual folders, or $CONTINUO_SOUNDFONT. Errors: not_found, naming the Debian
// package to install.
Result<std::filesystem::path> default_soundfont();

}  // namespace continuo::render
