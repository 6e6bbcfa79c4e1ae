#include "sample.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <system_error>

#include <sndfile.h>

namespace continuo::render {
namespace {

constexpr double kCurveStepSec = 0.005;
constexpr double kLongestSec = 60;
constexpr int kFastestHz = 192000;
constexpr double kLevel = 0.09;     // of every sample at full velocity, near FluidSynth's own
constexpr double kSoftest = 0.003;  // of a sample that is brought to it: what is softer is noise, and stays soft
constexpr double kSilence = 0.003;  // -50 dB, in proportion to the loudest part
constexpr double kDefaultReleaseSec = 0.3;

struct Closer {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

Error fault(ErrorCode code, std::string what, const std::filesystem::path& path) {
  return {code, std::move(what), {}, path.string()};
}

// The normalised correlation of two stretches of `count` samples. Range: -1 to 1.
float correlation(const float* a, const float* b, std::int64_t count) {
  constexpr int kLanes = 8;
  float product[kLanes] = {}, left[kLanes] = {}, right[kLanes] = {};
  for (std::int64_t i = 0; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      product[lane] += a[i + lane] * b[i + lane];
      left[lane] += a[i + lane] * a[i + lane];
      right[lane] += b[i + lane] * b[i + lane];
    }
  }
  double sum = 0, energy_a = 0, energy_b = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    sum += product[lane];
    energy_a += left[lane];
    energy_b += right[lane];
  }
  const double scale = std::sqrt(energy_a * energy_b);
  return scale > 0 ? static_cast<float>(sum / scale) : 0;
}

// Floating-point files may hold any numbers: what is beyond full scale is brought to it, so that sums of squares stay
// numbers, and what nobody could hear is silence.
void bring_to_full_scale(std::vector<float>& sound) {
  constexpr float kInaudible = 1e-6F;  // -120 dB
  float peak = 0;
  for (const float value : sound) peak = std::max(peak, std::abs(value));
  if (peak >= kInaudible && peak <= 1) return;
  for (float& value : sound) value = peak < kInaudible ? 0 : value / peak;
}

}  // namespace

Result<Sample> Sample::read(const std::filesystem::path& path, double held_sec) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    return fault(ErrorCode::not_found, "there is no such sample", path);
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, Closer> file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) return fault(ErrorCode::wrong_format, "is not a sound file", path);
  if (info.channels != 1)
    return fault(ErrorCode::unsupported, "has " + std::to_string(info.channels) + " channels, a sample has one", path);
  if (info.samplerate < 1 || info.samplerate > kFastestHz)
    return fault(ErrorCode::unsupported, "has a sample rate that is not from 1 to 192000 Hz", path);
  if (double(info.frames) > kLongestSec * info.samplerate)
    return fault(ErrorCode::too_large, "is longer than a minute", path);
  Sample sample;
  sample.rate_hz_ = info.samplerate;
  sample.held_ = static_cast<std::int64_t>(held_sec * info.samplerate);
  if (info.frames <= sample.held_) return fault(ErrorCode::malformed, "ends before its key is let go", path);
  sample.sound_.resize(static_cast<std::size_t>(info.frames));
  if (sf_readf_float(file.get(), sample.sound_.data(), info.frames) != info.frames)
    return fault(ErrorCode::io, "cannot be read whole", path);
  if (!std::ranges::all_of(sample.sound_, [](float v) { return std::isfinite(v); }))
    return fault(ErrorCode::malformed, "holds a sample that is no number", path);
  bring_to_full_scale(sample.sound_);
  sample.measure_level();
  sample.measure_release();
  return sample;
}

float Sample::loudness(std::int64_t from, std::int64_t to) const {
  from = std::clamp<std::int64_t>(from, 0, std::ssize(sound_));
  to = std::clamp<std::int64_t>(to, from, std::ssize(sound_));
  double sum = 0;
  for (std::int64_t i = from; i < to; ++i) {
    const double value = sound_[static_cast<std::size_t>(i)];
    sum += value * value;
  }
  return static_cast<float>(std::sqrt(sum / static_cast<double>(std::max<std::int64_t>(1, to - from))));
}

void Sample::measure_level() {
  const std::int64_t window = std::max(1, rate_hz_ / 4), step = std::max<std::int64_t>(1, window / 4);
  for (std::int64_t at = 0; at < held_; at += step) loudest_ = std::max(loudest_, loudness(at, at + window));
  gain_ = static_cast<float>(kLevel / std::max<double>(loudest_, kSoftest));
}

// In windows of 20 ms. The last quarter of it fades, since the recording ends where the sound may not.
void Sample::measure_release() {
  const double length_sec = double(std::ssize(sound_) - held_) / rate_hz_;
  const std::int64_t window = std::max(1, rate_hz_ / 50);
  const float start = loudness(held_ - 2 * window, held_);
  const bool is_silent = start < kSilence * loudest_;
  const double end_sec = is_silent ? kDefaultReleaseSec : length_sec;
  float least = 1;
  for (double seconds = 0; seconds < end_sec; seconds += kCurveStepSec) {
    const auto middle = held_ + static_cast<std::int64_t>(seconds * rate_hz_);
    const float level = is_silent ? static_cast<float>(std::pow(10, -3 * seconds / end_sec))
                                  : loudness(middle - window / 2, middle + window / 2) / start;
    least = std::min(least, level);
    const double left = std::min(1.0, 4 * (end_sec - seconds) / end_sec);
    release_.push_back(release_.empty() ? 1 : least * static_cast<float>(left));
  }
  release_.push_back(0);
}

float Sample::release(double seconds) const {
  const double place = seconds / kCurveStepSec;
  const auto index = static_cast<std::size_t>(place);
  if (index + 1 >= release_.size()) return 0;
  const auto rest = static_cast<float>(place - double(index));
  return release_[index] + rest * (release_[index + 1] - release_[index]);
}

double Sample::release_sec() const { return kCurveStepSec * double(release_.size() - 1); }

const SampleLoop* Sample::loop() const {
  if (!has_sought_loop_) loop_ = find_loop();
  has_sought_loop_ = true;
  return loop_ ? &*loop_ : nullptr;
}

// The loop ends where the key is let go, less a safe distance, and begins in the middle of the sound, where the wave
// before it is most like that before the end. The fade keeps its power whatever the likeness is.
std::optional<SampleLoop> Sample::find_loop() const {
  const std::int64_t fade = rate_hz_ / 20, end = held_ - rate_hz_ / 50;
  const std::int64_t first = std::max(fade, held_ * 2 / 5), last = std::min(first + rate_hz_ / 4, end - 2 * fade);
  if (fade < 1 || last < first || loudness(end - 4 * fade, end) < kSilence * loudest_) return std::nullopt;
  SampleLoop loop;
  float best = -2;
  for (std::int64_t start = first; start <= last; ++start) {
    const float likeness = correlation(&sound_[std::size_t(start - fade)], &sound_[std::size_t(end - fade)], fade);
    if (likeness > best) best = likeness, loop.start = start;
  }
  const float before = loudness(loop.start - 4 * fade, loop.start), after = loudness(end - 4 * fade, end);
  constexpr float kSustains = 0.9F;  // a change of less than 1 dB in a pass is none
  const float change = before > 0 ? after / before : 1;
  loop.gain = change > kSustains ? 1 : change;
  loop.fade_start = end - fade;
  loop.sound.assign(sound_.begin() + loop.start, sound_.begin() + end);
  const float likeness = std::clamp(best, 0.0F, 1.0F);
  for (std::int64_t i = 0; i < fade; ++i) {
    const float in = (float(i) + 0.5F) / float(fade), out = 1 - in;
    const float power = std::sqrt(in * in + out * out + 2 * likeness * in * out);
    float& value = loop.sound[loop.sound.size() - std::size_t(fade - i)];
    value = (out * value + in * loop.gain * sound_[std::size_t(loop.start - fade + i)]) / power;
  }
  return loop;
}

}  // namespace continuo::render
