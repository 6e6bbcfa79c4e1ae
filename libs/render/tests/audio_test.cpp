#include "continuo/render/audio.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <sndfile.h>

#include "continuo/base/file.h"

namespace continuo::render {
namespace {
namespace fs = std::filesystem;

using score::Note;
using score::Score;
using score::Ticks;

struct Sound {
  SF_INFO info{};
  std::vector<short> samples;
  double loudness(double from_sec, double to_sec) const {
    double sum = 0;
    const auto at = [this](double sec) { return 2 * static_cast<std::size_t>(sec * info.samplerate); };
    for (std::size_t i = at(from_sec); i < at(to_sec); ++i) sum += double(samples[i]) * samples[i];
    return std::sqrt(sum / static_cast<double>(at(to_sec) - at(from_sec)));
  }
};

Sound load(const fs::path& path) {
  Sound sound;
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &sound.info);
  EXPECT_NE(file, nullptr) << path;
  if (file == nullptr) return sound;
  sound.samples.resize(static_cast<std::size_t>(sound.info.frames) * 2);
  EXPECT_EQ(sf_readf_short(file, sound.samples.data(), sound.info.frames), sound.info.frames);
  sf_close(file);
  return sound;
}

constexpr std::uint8_t kFlute = 73;  // loads in a fraction of the piano's time

Score two_tracks() {
  Score score;
  score.tempos = {{Ticks(0), 500000}, {Ticks(960), 250000}};
  score.tracks.resize(2);
  score.tracks[0].program = kFlute;
  score.tracks[0].notes = {{Ticks(0), Ticks(960), 60, 90}, {Ticks(960), Ticks(960), 64, 90}};
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {{Ticks(0), Ticks(120), 36, 100}, {Ticks(480), Ticks(120), 38, 100}};
  return score;
}

class AudioTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!default_soundfont().ok()) GTEST_SKIP() << default_soundfont().error().to_line();
    folder_ = fs::temp_directory_path() /
              ("continuo_audio_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  fs::path folder_;
};

TEST_F(AudioTest, Wav_LastsAsLongAsTheMusicAndItsTail) {
  AudioOptions options;
  options.tail_sec = 1.5;
  ASSERT_TRUE(write_audio(two_tracks(), folder_ / "a.wav", options).ok());
  const Sound sound = load(folder_ / "a.wav");
  EXPECT_EQ(sound.info.channels, 2);
  EXPECT_EQ(sound.info.samplerate, 44100);
  EXPECT_NEAR(static_cast<double>(sound.info.frames) / 44100, 1.5 + 1.5, 0.001);
  EXPECT_GT(sound.loudness(0.0, 1.0), 100);
}

double peak_dbfs(const Sound& sound) {
  int peak = 0;
  for (const short sample : sound.samples) peak = std::max(peak, std::abs(int(sample)));
  return 20 * std::log10(peak / 32767.0);
}

// However softly a piece is played, and whatever the number of its tracks.
TEST_F(AudioTest, Wav_IsNormalisedToItsPeak) {
  Score score = two_tracks();
  ASSERT_TRUE(write_audio(score, folder_ / "loud.wav").ok());
  for (auto& track : score.tracks) {
    for (Note& note : track.notes) note.velocity = 20;
  }
  ASSERT_TRUE(write_audio(score, folder_ / "soft.wav").ok());
  EXPECT_NEAR(peak_dbfs(load(folder_ / "loud.wav")), kNormalPeakDbfs, 0.01);
  EXPECT_NEAR(peak_dbfs(load(folder_ / "soft.wav")), kNormalPeakDbfs, 0.01);
}

TEST_F(AudioTest, FixedGain_KeepsRelativeLoudness) {
  Score score = two_tracks();
  AudioOptions options;
  options.gain_db = -12;
  ASSERT_TRUE(write_audio(score, folder_ / "a.wav", options).ok());
  options.gain_db = -6;
  ASSERT_TRUE(write_audio(score, folder_ / "b.wav", options).ok());
  EXPECT_NEAR(peak_dbfs(load(folder_ / "b.wav")) - peak_dbfs(load(folder_ / "a.wav")), 6, 0.05);
  options.gain_db = -61;
  EXPECT_EQ(write_audio(score, folder_ / "c.wav", options).error().code, ErrorCode::invalid_argument);
}

TEST_F(AudioTest, SameScore_SameBytes) {
  ASSERT_TRUE(write_audio(two_tracks(), folder_ / "a.wav").ok());
  ASSERT_TRUE(write_audio(two_tracks(), folder_ / "b.wav").ok());
  EXPECT_EQ(*read_file(folder_ / "a.wav"), *read_file(folder_ / "b.wav"));
}

TEST_F(AudioTest, SustainPedal_HoldsTheSound) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].program = kFlute;
  score.tracks[0].notes = {{Ticks(0), Ticks(240), 72, 100}, {Ticks(1920), Ticks(240), 90, 1}};
  AudioOptions dry;
  dry.gain_db = 0;
  ASSERT_TRUE(write_audio(score, folder_ / "dry.wav", dry).ok());
  score.tracks[0].controls = {{Ticks(0), 64, 127}};
  ASSERT_TRUE(write_audio(score, folder_ / "held.wav", dry).ok());
  EXPECT_GT(load(folder_ / "held.wav").loudness(1.2, 1.8), 4 * load(folder_ / "dry.wav").loudness(1.2, 1.8));
}

TEST_F(AudioTest, Program_ChangesTheSound) {
  Score score = two_tracks();
  ASSERT_TRUE(write_audio(score, folder_ / "flute.wav").ok());
  score.tracks[0].program = 40;
  ASSERT_TRUE(write_audio(score, folder_ / "violin.wav").ok());
  EXPECT_NE(*read_file(folder_ / "flute.wav"), *read_file(folder_ / "violin.wav"));
}

TEST_F(AudioTest, OverlappingNotesOfOneKey_EndWithTheLast) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].program = 19;
  score.tracks[0].notes = {{Ticks(0), Ticks(960), 60, 90}, {Ticks(480), Ticks(1920), 60, 90}};
  ASSERT_TRUE(write_audio(score, folder_ / "a.wav").ok());
  const Sound sound = load(folder_ / "a.wav");
  EXPECT_GT(sound.loudness(1.8, 2.3), sound.loudness(0.6, 0.9) / 4);
}

TEST_F(AudioTest, Errors_SayWhatAndLeaveNothingBehind) {
  EXPECT_EQ(write_audio(Score{}, folder_ / "a.wav").error().code, ErrorCode::no_notes);
  EXPECT_EQ(write_audio(two_tracks(), folder_ / "a.mp3").error().code, ErrorCode::unsupported);
  const Status unwritable = write_audio(two_tracks(), folder_ / "no" / "such" / "a.wav");
  ASSERT_FALSE(unwritable.ok());
  EXPECT_NE(unwritable.error().path.find("a.wav"), std::string::npos);
  AudioOptions options;
  options.soundfont = folder_ / "none.sf2";
  EXPECT_EQ(write_audio(two_tracks(), folder_ / "a.wav", options).error().code, ErrorCode::not_found);
  ASSERT_TRUE(write_file(folder_ / "bad.sf2", std::string_view("not a SoundFont")).ok());
  options.soundfont = folder_ / "bad.sf2";
  EXPECT_EQ(write_audio(two_tracks(), folder_ / "a.wav", options).error().code, ErrorCode::wrong_format);
  EXPECT_FALSE(fs::exists(folder_ / "a.wav"));
  options = {};
  options.sample_rate_hz = 10;
  EXPECT_EQ(write_audio(two_tracks(), folder_ / "a.wav", options).error().code, ErrorCode::invalid_argument);
}

TEST_F(AudioTest, FluidSynth_StaysSilentOnTheTerminal) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  AudioOptions options;
  ASSERT_TRUE(write_file(folder_ / "bad.sf2", std::string_view("not a SoundFont")).ok());
  options.soundfont = folder_ / "bad.sf2";
  EXPECT_FALSE(write_audio(two_tracks(), folder_ / "a.wav", options).ok());
  EXPECT_TRUE(write_audio(two_tracks(), folder_ / "a.wav").ok());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Soundfont, EnvironmentComesFirst) {
  const char* before = std::getenv("CONTINUO_SOUNDFONT");
  const std::string saved = before != nullptr ? before : "";
  setenv("CONTINUO_SOUNDFONT", "/nowhere/x.sf2", 1);
  const auto result = default_soundfont();
  before != nullptr ? setenv("CONTINUO_SOUNDFONT", saved.c_str(), 1) : unsetenv("CONTINUO_SOUNDFONT");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::not_found);
  EXPECT_EQ(result.error().path, "/nowhere/x.sf2");
}

}  // namespace
}  // namespace continuo::render
