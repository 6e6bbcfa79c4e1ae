#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sndfile.h>

#include "continuo/render/sampled_voice.h"

namespace continuo::render::testing {

inline constexpr int kNoteRate = 16000;  // as NSynth's
inline constexpr double kPitch60 = 261.6256, kPitch72 = 2 * kPitch60;

inline void write_sound(const std::filesystem::path& path, const std::vector<float>& samples, int channels = 1) {
  SF_INFO info{};
  info.samplerate = kNoteRate;
  info.channels = channels;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  ASSERT_NE(file, nullptr) << path;
  sf_write_float(file, samples.data(), static_cast<sf_count_t>(samples.size()));
  sf_close(file);
}

// A sine whose level is a function of the time in seconds.
inline std::vector<float> sine(double hertz, double seconds, const std::function<double(double)>& level) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * kNoteRate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double time = double(i) / kNoteRate;
    samples[i] = static_cast<float>(level(time) * std::sin(2 * std::numbers::pi * hertz * time));
  }
  return samples;
}

// A level as NSynth has it: even while the key is held, then falling by 60 dB within a second.
inline double sustained(double time) { return time < 3 ? 0.5 : 0.5 * std::pow(10, -3 * (time - 3)); }

inline double loudness(std::span<const float> samples) {
  double sum = 0;
  for (const float v : samples) sum += double(v) * v;
  return std::sqrt(sum / double(std::max<std::size_t>(1, samples.size())));
}

// Of a sine, between its first and last rising zeros.
inline double frequency(std::span<const float> samples, double rate) {
  double first = -1, last = -1;
  int periods = -1;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    if (!(samples[i - 1] < 0 && samples[i] >= 0)) continue;
    last = double(i) - samples[i] / (samples[i] - samples[i - 1]);
    if (first < 0) first = last;
    ++periods;
  }
  return periods > 0 ? periods * rate / (last - first) : 0;
}

inline double cents(double hertz, double of) { return 1200 * std::log2(hertz / of); }

// The largest change of slope, which a click raises far above that of a sine, amplitude * (2 pi hertz / rate)^2.
inline double sharpest_turn(std::span<const float> samples) {
  double most = 0;
  for (std::size_t i = 2; i < samples.size(); ++i)
    most = std::max(most, std::abs(double(samples[i]) - 2 * samples[i - 1] + samples[i - 2]));
  return most;
}

// A folder for one test.
class SoundFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("continuo_voice_" + std::string(info->test_suite_name()) + "_" + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A voice of one sample at pitch 60.
  std::shared_ptr<const SampledVoice> voice_of(const std::vector<float>& samples) const {
    write_sound(folder_ / "60.wav", samples);
    return std::make_shared<SampledVoice>(SampledVoice{.samples = {{folder_ / "60.wav", 60, 100}}});
  }

  std::filesystem::path folder_;
};

}  // namespace continuo::render::testing
