#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::render {

// The part of a sample that plays on while a key is held for longer than the sample's was.
struct SampleLoop {
  std::int64_t start = 0;    // Units: samples of the sound
  std::vector<float> sound;  // from `start`; its end is cross-faded into `gain` times what comes before `start`
  // What each pass is multiplied with after the one before: 1 where the sample sustains. Range: above 0 to 1.
  float gain = 1;
  std::int64_t fade_start = 0;  // up to here the sound and the loop are the same
};

// A recorded note, ready to be played. A copy copies the sound.
class Sample {
 public:
  // Errors: not_found, io, wrong_format (not a sound file), unsupported (several channels, above 192 kHz), malformed
  // (no longer than the key was held, or a sample that is no number), too_large (over a minute).
  static Result<Sample> read(const std::filesystem::path& path, double held_sec);

  int rate_hz() const { return rate_hz_; }
  const std::vector<float>& sound() const { return sound_; }
  std::int64_t held() const { return held_; }  // Units: samples, at which the key was let go
  // What brings the sound to the level that all samples have.
  float gain() const { return gain_; }

  // The level of the release in proportion to that at its start, `seconds` after it: 1 to 0, never rising.
  float release(double seconds) const;
  double release_sec() const;

  // Nothing where the sound has died away before its key was let go. Found when first asked for: not thread-safe.
  const SampleLoop* loop() const;

 private:
  Sample() = default;
  void measure_level();
  void measure_release();
  std::optional<SampleLoop> find_loop() const;
  float loudness(std::int64_t from, std::int64_t to) const;  // root of the mean square

  int rate_hz_ = 0;
  std::vector<float> sound_;
  std::int64_t held_ = 0;
  float gain_ = 1, loudest_ = 0;
  std::vector<float> release_;  // every kCurveStepSec
  mutable bool has_sought_loop_ = false;
  mutable std::optional<SampleLoop> loop_;
};

}  // namespace continuo::render
