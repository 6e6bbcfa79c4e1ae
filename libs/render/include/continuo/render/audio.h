#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::render {

// Of a file whose gain is not fixed. The rest of 1 dB keeps the peaks between samples, which a player makes, below full
// scale.
inline constexpr double kNormalPeakDbfs = -1;

struct AudioOptions {
  std::filesystem::path soundfont;  // empty: default_soundfont()
  int sample_rate_hz = 44100;       // Range: 8000 to 96000
  double tail_sec = 2.0;            // after the last note, for its sound to die away. Range: 0 to 60
  // Fixed gain in dB, 0 being FluidSynth's own level; empty: the loudest sample is at kNormalPeakDbfs.
  // Range: -60 to 24.
  std::optional<double> gain_db;
};

// The General MIDI SoundFont found in the usual folders, or $CONTINUO_SOUNDFONT. Errors: not_found, naming the Debian
// package to install.
Result<std::filesystem::path> default_soundfont();

// Plays the score through FluidSynth into a 16-bit stereo WAV, with programs, drums, pedals, bends and tempo changes.
// The sound is kept in a temporary file until its peak is known.
// Deterministic: the same score, SoundFont and options give the same bytes. Most of the time for a short piece goes
// into unpacking its instruments.
// Errors: no_notes, not_found and wrong_format (SoundFont), io, no_space, unsupported
// (extension other than .wav), invalid_argument (options), too_large (beyond six hours).
Status write_audio(const score::Score& score, const std::filesystem::path& path, const AudioOptions& options = {});

}  // namespace continuo::render
