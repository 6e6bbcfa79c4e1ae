#include "sampled/sampled_player.h"

#include "made_sounds.h"

namespace continuo::render {
namespace {

using testing::frequency;
using testing::kPitch60;
using testing::loudness;
using testing::sine;
using testing::sustained;
using Kind = SoundEvent::Kind;

constexpr int kRate = 44100;

SoundEvent on(double sec, int key, int velocity = 100) {
  return {std::int64_t(sec * kRate), Kind::note_on, 0, key, velocity};
}
SoundEvent off(double sec, int key) { return {std::int64_t(sec * kRate), Kind::note_off, 0, key, 0}; }
SoundEvent control(double sec, int controller, int value) {
  return {std::int64_t(sec * kRate), Kind::control, 0, controller, value};
}

// One channel of what is played, and a part of it by seconds.
struct Played {
  std::vector<float> left, right;
  std::span<const float> between(double from, double to) const {
    return std::span(left).subspan(std::size_t(from * kRate), std::size_t((to - from) * kRate));
  }
};

class SampledPlayerTest : public testing::SoundFolder {
 protected:
  static Played play(const std::shared_ptr<const SampledVoice>& voice, std::vector<SoundEvent> events, double seconds) {
    SampledPlayer player({voice}, kRate);
    std::vector<float> samples(2 * std::size_t(seconds * kRate));
    std::size_t at = 0;
    events.push_back({std::int64_t(samples.size() / 2), Kind::bend, 0, 8192, 0});
    for (const SoundEvent& event : events) {
      player.add(std::span(samples).subspan(at, 2 * std::size_t(event.sample) - at));
      at = 2 * std::size_t(event.sample);
      const Status status = player.apply(event);
      EXPECT_TRUE(status.ok()) << status.error().to_line();
    }
    Played played;
    for (std::size_t i = 0; i < samples.size(); i += 2) {
      played.left.push_back(samples[i]);
      played.right.push_back(samples[i + 1]);
    }
    return played;
  }
  std::shared_ptr<const SampledVoice> even_voice() const { return voice_of(sine(kPitch60, 4, sustained)); }
};

TEST_F(SampledPlayerTest, Note_HasThePitchOfItsKey) {
  for (const int key : {48, 53, 60, 61, 67, 72, 79}) {
    const Played played = play(even_voice(), {on(0, key), off(1, key)}, 1);
    const double wanted = kPitch60 * std::exp2((key - 60) / 12.0);
    EXPECT_NEAR(testing::cents(frequency(played.between(0.1, 1), kRate), wanted), 0, 1) << key;
  }
}

TEST_F(SampledPlayerTest, Note_AtOtherPitchesIsAsLoud) {
  const auto loud = [&](int key) { return loudness(play(even_voice(), {on(0, key)}, 1).between(0.1, 0.7)); };
  EXPECT_NEAR(loud(72) / loud(60), 1, 0.02);
  EXPECT_NEAR(loud(48) / loud(60), 1, 0.02);
}

TEST_F(SampledPlayerTest, Release_FollowsTheSamplesOwn) {
  const Played played = play(even_voice(), {on(0, 60), off(1, 60)}, 2.5);
  const double held = loudness(played.between(0.8, 1.0));
  EXPECT_NEAR(20 * std::log10(loudness(played.between(1.3, 1.32)) / held), -18.6, 2);
  EXPECT_EQ(loudness(played.between(2.2, 2.5)), 0);
}

TEST_F(SampledPlayerTest, Release_AtTheSamplesOwnTimeIsTheSamples) {
  const Played played = play(even_voice(), {on(0, 60), off(2.9, 60)}, 4);
  const double held = loudness(played.between(2.0, 2.8));
  EXPECT_NEAR(20 * std::log10(loudness(played.between(3.3, 3.32)) / held), -24, 3);
}

double steepest_of_sine(double level, double hertz) {
  return level * std::sqrt(2.0) * std::pow(2 * std::numbers::pi * hertz / kRate, 2);
}

TEST_F(SampledPlayerTest, Release_DoesNotClick) {
  for (const double end : {0.3, 1.0, 2.7, 2.94, 3.5, 5.003}) {
    const Played played = play(even_voice(), {on(0, 60), off(end, 60)}, 7);
    const double level = loudness(played.between(0.1, 0.29));
    EXPECT_LT(testing::sharpest_turn(played.between(0.1, 7)), 1.3 * steepest_of_sine(level, kPitch60)) << end;
  }
}

TEST_F(SampledPlayerTest, LongNote_SoundsOnWhereTheSampleSustains) {
  const Played played = play(even_voice(), {on(0, 62), off(9, 62)}, 9);
  const double early = loudness(played.between(1, 2));
  EXPECT_NEAR(loudness(played.between(8, 9)) / early, 1, 0.03);
  EXPECT_NEAR(testing::cents(frequency(played.between(4, 9), kRate), kPitch60 * std::exp2(2 / 12.0)), 0, 3);
  EXPECT_LT(testing::sharpest_turn(played.between(0.1, 9)), 1.3 * steepest_of_sine(early, kPitch60 * 1.1225));
}

TEST_F(SampledPlayerTest, LongNote_OfNoiseKeepsItsLevel) {
  std::vector<float> noise(4 * testing::kNoteRate);
  std::uint32_t state = 1;
  for (float& v : noise) v = float((state = state * 1664525 + 1013904223) >> 8) / float(1 << 24) - 0.5F;
  const Played played = play(voice_of(noise), {on(0, 60), off(9, 60)}, 9);
  for (double at = 2; at < 8.8; at += 0.05)
    EXPECT_NEAR(loudness(played.between(at, at + 0.05)) / loudness(played.between(1, 2)), 1, 0.15) << at;
}

TEST_F(SampledPlayerTest, LongNote_DecaysOnWhereTheSampleDecays) {
  const auto decays = [](double time) { return 0.8 * std::pow(10, -0.4 * time); };  // 8 dB a second
  const Played played = play(voice_of(sine(kPitch60, 4, decays)), {on(0, 60), off(7, 60)}, 7);
  const double early = loudness(played.between(1, 1.2)), late = loudness(played.between(6, 6.2));
  EXPECT_NEAR(20 * std::log10(late / early), -40, 4);
}

TEST_F(SampledPlayerTest, LongNote_EndsWhereTheSampleHasDiedAway) {
  const auto plucked = [](double time) { return 0.8 * std::pow(10, -2 * time); };
  const Played played = play(voice_of(sine(kPitch60, 4, plucked)), {on(0, 60), off(7, 60)}, 7);
  EXPECT_LT(loudness(played.between(4.1, 7)), 1e-5);
}

TEST_F(SampledPlayerTest, Release_OfASilentSampleEndsSoon) {
  const auto plucked = [](double time) { return 0.8 * std::pow(10, -2 * time); };
  const Played played = play(voice_of(sine(kPitch60, 4, plucked)), {on(0, 60), off(0.2, 60)}, 2);
  EXPECT_GT(loudness(played.between(0.2, 0.25)), 1e-4);
  EXPECT_EQ(loudness(played.between(0.6, 2)), 0);
}

TEST_F(SampledPlayerTest, Velocity_ScalesTheLevel) {
  const auto loud = [&](int velocity) {
    return loudness(play(even_voice(), {on(0, 60, velocity)}, 1).between(0.1, 0.9));
  };
  EXPECT_NEAR(loud(127) / loud(64), std::pow(127.0 / 64, 2), 0.01);
  EXPECT_LT(loud(30), loud(31));
}

// A loud recording of a soft key must not make it louder than the next.
TEST_F(SampledPlayerTest, Velocity_LouderIsLouderWhateverTheRecordings) {
  testing::write_sound(folder_ / "soft.wav", sine(kPitch60, 4, [](double) { return 0.9; }));
  testing::write_sound(folder_ / "loud.wav", sine(kPitch60, 4, [](double) { return 0.1; }));
  const auto voice = std::make_shared<SampledVoice>(
      SampledVoice{.samples = {{folder_ / "soft.wav", 60, 50}, {folder_ / "loud.wav", 60, 75}}});
  double before = 0;
  for (const int velocity : {1, 40, 62, 63, 64, 90, 127}) {
    const double loud = loudness(play(voice, {on(0, 60, velocity)}, 0.5).between(0.1, 0.4));
    EXPECT_GT(loud, before) << velocity;
    before = loud;
  }
}

TEST_F(SampledPlayerTest, Controllers_SetPanAndLevel) {
  const auto voice = even_voice();
  const Played left = play(voice, {control(0, 10, 0), on(0, 60)}, 0.5);
  EXPECT_GT(loudness(left.left), 0.01);
  EXPECT_LT(loudness(left.right), 1e-8);
  const Played middle = play(voice, {on(0, 60)}, 0.5);
  EXPECT_NEAR(loudness(middle.left) / loudness(middle.right), 1, 1e-4);
  const Played soft = play(voice, {control(0, 7, 50), on(0, 60)}, 0.5);
  EXPECT_NEAR(loudness(soft.left) / loudness(middle.left), 0.25, 0.001);
  const Played softer = play(voice, {control(0, 11, 64), on(0, 60)}, 0.5);
  EXPECT_NEAR(loudness(softer.left) / loudness(middle.left), std::pow(64 / 127.0, 2), 0.001);
}

TEST_F(SampledPlayerTest, Controllers_DoNotClick) {
  const Played played =
      play(even_voice(), {on(0, 60), control(0.5, 7, 0), control(0.7, 7, 127), control(0.9, 10, 0)}, 1.2);
  const double level = 1.7 * loudness(played.between(0.2, 0.5));
  EXPECT_LT(testing::sharpest_turn(played.between(0.1, 1.2)), 2 * steepest_of_sine(level, kPitch60));
}

TEST_F(SampledPlayerTest, Bend_ChangesThePitch) {
  const SoundEvent up{0, Kind::bend, 0, 16383, 0};
  const Played played = play(even_voice(), {up, on(0, 60)}, 1);
  EXPECT_NEAR(testing::cents(frequency(played.between(0.1, 1), kRate), kPitch60), 200, 1);
  const Played wide = play(even_voice(), {control(0, 101, 0), control(0, 100, 0), control(0, 6, 12), up, on(0, 60)}, 1);
  EXPECT_NEAR(testing::cents(frequency(wide.between(0.1, 1), kRate), kPitch60), 1200, 1);
}

TEST_F(SampledPlayerTest, Pedals_HoldTheSound) {
  const auto voice = even_voice();
  const Played held = play(voice, {control(0, 64, 127), on(0, 60), off(0.5, 60), control(2, 64, 0)}, 4);
  EXPECT_NEAR(loudness(held.between(1.8, 2)) / loudness(held.between(0.2, 0.5)), 1, 0.01);
  EXPECT_LT(loudness(held.between(3.1, 4)), 1e-6);
  const Played sostenuto =
      play(voice, {on(0, 60), control(0.1, 66, 127), off(0.5, 60), on(0.6, 72), off(0.7, 72), control(2, 66, 0)}, 4);
  EXPECT_NEAR(frequency(sostenuto.between(1.8, 2), kRate), kPitch60, 1);
  EXPECT_LT(loudness(sostenuto.between(3.1, 4)), 1e-6);
}

TEST_F(SampledPlayerTest, OverlappingNotesOfOneKey_EndWithTheLast) {
  const Played played = play(even_voice(), {on(0, 60), on(0.5, 60), off(1, 60), off(2, 60)}, 4);
  EXPECT_GT(loudness(played.between(1.7, 2)), 0.5 * loudness(played.between(0.2, 0.4)));
  EXPECT_EQ(loudness(played.between(3.2, 4)), 0);
}

TEST_F(SampledPlayerTest, Notes_AreAtMostSoMany) {
  SampledPlayer player({even_voice()}, kRate);
  std::vector<float> samples(256);
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(player.apply(on(0, 40 + i % 40, 90)).ok());
  player.add(samples);
  EXPECT_EQ(player.note_count(), SampledPlayer::kMostNotes);
}

TEST_F(SampledPlayerTest, Store_ForgetsWhatWasUsedLeastRecently) {
  for (const char* name : {"a.wav", "b.wav", "c.wav"})
    testing::write_sound(folder_ / name, sine(kPitch60, 4, sustained));
  const auto size = std::size_t{4} * testing::kNoteRate * sizeof(float) * 2;
  SampleStore store(2 * size);
  const auto kept = store.get({folder_ / "a.wav"}, 3);
  for (const char* name : {"b.wav", "c.wav"}) ASSERT_TRUE(store.get({folder_ / name}, 3).ok());
  EXPECT_EQ(store.bytes(), 2 * size);
  EXPECT_EQ(store.get({folder_ / "a.wav"}, 3)->get(), kept->get()) << "what sounds stays";
}

}  // namespace
}  // namespace continuo::render
