#pragma once

#include <filesystem>

#include "continuo/base/result.h"
#include "continuo/render/audio_options.h"
#include "continuo/score/score.h"

namespace continuo::render {

// Plays the score through FluidSynth, or tracks through recorded notes, into a 16-bit stereo WAV, with programs, drums,
// pedals, bends and tempo changes. Recorded notes are heard without reverb, modulation and key pressure.
// The sound is kept in a temporary file until its peak is known.
// Deterministic: the same score, SoundFont and options give the same bytes. Most of the time for a short piece goes
// into unpacking its instruments.
// Errors: no_notes, not_found and wrong_format (SoundFont, sample), malformed (sample), io, no_space, unsupported
// (extension other than .wav, sample of several channels), invalid_argument (options), too_large (beyond six hours).
Status write_audio(const score::Score& score, const std::filesystem::path& path, const AudioOptions& options = {});

}  // namespace continuo::render
