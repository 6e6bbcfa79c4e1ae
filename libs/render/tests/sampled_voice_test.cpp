#include "continuo/render/sampled_voice.h"

#include "continuo/base/file.h"
#include "continuo/render/audio.h"

#include "made_sounds.h"
#include "sampled/sinc_table.h"

namespace continuo::render {
namespace {

namespace fs = std::filesystem;
using score::Score;
using score::Ticks;
using testing::kPitch60;
using testing::sine;
using testing::sustained;

TEST(SampleFor, TakesTheNearestPitchThenTheNearestVelocity) {
  const SampledVoice voice{.samples = {{"a", 62, 25}, {"b", 60, 25}, {"c", 60, 75}, {"d", 60, 127}, {"e", 70, 50}}};
  EXPECT_EQ(sample_for(voice, 10, 20).path, "b");
  EXPECT_EQ(sample_for(voice, 61, 76).path, "c") << "of two pitches the lower";
  EXPECT_EQ(sample_for(voice, 62, 127).path, "a") << "the pitch comes first";
  EXPECT_EQ(sample_for(voice, 60, 50).path, "b") << "of two velocities the lower";
  EXPECT_EQ(sample_for(voice, 60, 102).path, "d");
  EXPECT_EQ(sample_for(voice, 127, 1).path, "e");
}

// Reads a sine of the given share of the sound's rate, `speed` samples at a time.
std::vector<float> read_sine(double cutoff, double share, double speed, std::size_t count = 2000) {
  const SincTable table(cutoff);
  std::vector<float> sound(std::size_t(double(count) * speed) + 2 * std::size_t(table.taps()));
  for (std::size_t i = 0; i < sound.size(); ++i)
    sound[i] = static_cast<float>(std::sin(2 * std::numbers::pi * share * double(i)));
  std::vector<float> out(count);
  const int before = table.taps() / 2 - 1;
  table.read(sound.data(), to_place(before), to_place(speed), out);
  for (std::size_t i = 0; i < count; ++i) {
    const double place = before + double(i) * speed;
    out[i] -= static_cast<float>(std::sin(2 * std::numbers::pi * share * place));
  }
  return out;
}

TEST(SincTable, KeepsWhatIsWellBelowItsCutoff) {
  for (const double share : {0.01, 0.1, 0.25, 0.35})
    EXPECT_LT(testing::loudness(read_sine(1, share, 0.3628)), 0.002) << share;
}

TEST(SincTable, KeepsWhatWouldAliasOut) {
  // At twice the speed, 0.4 of the rate would come back as 0.2: only the sine that is taken off is left.
  EXPECT_NEAR(testing::loudness(read_sine(0.5, 0.4, 2)), std::sqrt(0.5), 0.002);
  EXPECT_LT(testing::loudness(read_sine(0.5, 0.1, 2)), 0.002);
}

Score one_note(int pitch = 60, double seconds = 1) {
  Score score;  // 480 ticks in half a second
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(0), Ticks(std::int64_t(seconds * 960)), std::uint8_t(pitch), 100}};
  return score;
}

class SampledVoiceTest : public testing::SoundFolder {
 protected:
  AudioOptions options_with(const std::shared_ptr<const SampledVoice>& voice) const {
    AudioOptions options;
    options.soundfont = folder_ / "none.sf2";  // whoever asks for it fails
    options.voices = {voice};
    return options;
  }
  std::shared_ptr<const SampledVoice> even_voice() const { return voice_of(sine(kPitch60, 4, sustained)); }
  Error error_of(const std::shared_ptr<const SampledVoice>& voice) const {
    const Status status = write_audio(one_note(), folder_ / "a.wav", options_with(voice));
    return status.ok() ? Error{ErrorCode::duplicate, "no error", {}, {}} : status.error();
  }
  float peak(const fs::path& path) const {
    SF_INFO info{};
    SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
    std::vector<float> samples(2 * std::size_t(info.frames));
    sf_readf_float(file, samples.data(), info.frames);
    sf_close(file);
    float most = 0;
    for (const float v : samples) most = std::max(most, std::abs(v));
    return most;
  }
};

TEST_F(SampledVoiceTest, Wav_NeedsNoSoundFont) {
  const Status status = write_audio(one_note(), folder_ / "a.wav", options_with(even_voice()));
  ASSERT_TRUE(status.ok()) << status.error().to_line();
  EXPECT_NEAR(20 * std::log10(peak(folder_ / "a.wav")), kNormalPeakDbfs, 0.01);
}

TEST_F(SampledVoiceTest, Wav_TracksWithoutNotesNeedNoSoundFont) {
  Score score = one_note();
  score.tracks.resize(2);
  EXPECT_TRUE(write_audio(score, folder_ / "a.wav", options_with(even_voice())).ok());
  score.tracks[1] = score.tracks[0];
  EXPECT_EQ(write_audio(score, folder_ / "a.wav", options_with(even_voice())).error().code, ErrorCode::not_found);
}

TEST_F(SampledVoiceTest, Wav_NeverClips) {
  Score score = one_note();
  for (int pitch = 30; pitch < 100; ++pitch)
    score.tracks[0].notes.push_back({Ticks(0), Ticks(960), std::uint8_t(pitch), 127});
  score.sort();
  ASSERT_TRUE(write_audio(score, folder_ / "a.wav", options_with(even_voice())).ok());
  EXPECT_NEAR(20 * std::log10(peak(folder_ / "a.wav")), kNormalPeakDbfs, 0.01);
}

TEST_F(SampledVoiceTest, Wav_IsTheSameTwice) {
  Score score = one_note();
  score.tracks[0].notes.push_back({Ticks(100), Ticks(5000), 67, 50});
  const auto voice = even_voice();
  ASSERT_TRUE(write_audio(score, folder_ / "a.wav", options_with(voice)).ok());
  ASSERT_TRUE(write_audio(score, folder_ / "b.wav", options_with(voice)).ok());
  EXPECT_EQ(*read_file(folder_ / "a.wav"), *read_file(folder_ / "b.wav"));
}

TEST_F(SampledVoiceTest, Wav_OfMoreTracksThanFluidSynthHasChannels) {
  Score score;
  score.tracks.resize(300);
  score.tracks[299] = one_note().tracks[0];
  AudioOptions options = options_with(nullptr);
  options.voices.resize(300, even_voice());
  EXPECT_TRUE(write_audio(score, folder_ / "a.wav", options).ok());
}

TEST_F(SampledVoiceTest, Drums_AreMixedIn) {
  if (!default_soundfont().ok()) GTEST_SKIP() << default_soundfont().error().to_line();
  Score score = one_note();
  AudioOptions options = options_with(even_voice());
  options.soundfont.clear();
  options.gain_db = 0;
  ASSERT_TRUE(write_audio(score, folder_ / "alone.wav", options).ok());
  score.tracks.resize(2);
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {{Ticks(0), Ticks(120), 38, 110}};
  ASSERT_TRUE(write_audio(score, folder_ / "both.wav", options).ok());
  EXPECT_GT(peak(folder_ / "both.wav"), 1.2F * peak(folder_ / "alone.wav"));
}

TEST_F(SampledVoiceTest, Errors_NameTheSample) {
  auto voice = std::make_shared<SampledVoice>(SampledVoice{.samples = {{folder_ / "60.wav", 60, 100}}});
  EXPECT_EQ(error_of(voice).code, ErrorCode::not_found);
  EXPECT_EQ(error_of(voice).path, (folder_ / "60.wav").string());
  ASSERT_TRUE(write_file(folder_ / "60.wav", std::string_view("no sound")).ok());
  EXPECT_EQ(error_of(voice).code, ErrorCode::wrong_format);
  ASSERT_TRUE(write_file(folder_ / "60.wav", std::string_view()).ok());
  EXPECT_EQ(error_of(voice).code, ErrorCode::wrong_format);
  testing::write_sound(folder_ / "60.wav", std::vector<float>(8 * testing::kNoteRate), 2);
  EXPECT_EQ(error_of(voice).code, ErrorCode::unsupported);
  testing::write_sound(folder_ / "60.wav", std::vector<float>(2 * testing::kNoteRate));
  EXPECT_EQ(error_of(voice).what, "ends before its key is let go");
  EXPECT_EQ(error_of(std::make_shared<SampledVoice>()).code, ErrorCode::invalid_argument);
  EXPECT_FALSE(fs::exists(folder_ / "a.wav"));
}

TEST_F(SampledVoiceTest, Errors_ASilentSampleIsNone) {
  EXPECT_EQ(error_of(voice_of(std::vector<float>(4 * testing::kNoteRate))).what, "no error");
}

}  // namespace
}  // namespace continuo::render
