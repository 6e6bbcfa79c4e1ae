#include "sound_events.h"

#include <gtest/gtest.h>

#include "continuo/score/score.h"

namespace continuo::render {
namespace {

using score::Score;
using score::Ticks;

std::string listed(const std::vector<SoundEvent>& events) {
  std::string text;
  for (const SoundEvent& event : events) {
    constexpr const char* kNames[] = {"off", "program", "control", "bend", "push", "push key", "on"};
    text += std::to_string(event.sample) + " " + kNames[static_cast<int>(event.kind)] + " channel " +
            std::to_string(event.channel) + ": " + std::to_string(event.first) + " " + std::to_string(event.second) +
            "\n";
  }
  return text;
}

TEST(SoundEvents, AreThePiecesEventsAtTheirSamples) {
  Score score;  // 480 ticks a quarter; at 120 a quarter is 500 samples of 1,000 Hz, then 250
  score.tempos = {{Ticks(0), 500000}, {Ticks(480), 250000}};
  score.tracks.resize(2);
  score.tracks[0].program = 40;
  score.tracks[0].notes = {{Ticks(0), Ticks(480), 60, 90}, {Ticks(480), Ticks(0), 60, 70}};
  score.tracks[0].controls = {{Ticks(240), 64, 127}, {Ticks(241), 0, 1},   {Ticks(242), 32, 1},
                              {Ticks(243), 119, 5},  {Ticks(244), 120, 0}, {Ticks(480), 7, 3}};
  score.tracks[0].pressures = {{Ticks(480), 60, 9}, {Ticks(480), score::Pressure::kAllKeys, 30}};
  score.tracks[0].pitch_bends = {{Ticks(960), -8192}, {Ticks(1440), 8191}};
  score.tracks[1].is_drum = true;
  score.tracks[1].program = 8;
  score.tracks[1].notes = {{Ticks(960), Ticks(480), 36, 100}};
  EXPECT_EQ(listed(sound_events(score, 1000)),
            "0 program channel 0: 0 40\n"
            "0 program channel 1: 128 8\n"
            "0 on channel 0: 60 90\n"
            "250 control channel 0: 64 127\n"
            "253 control channel 0: 119 5\n"
            "500 off channel 0: 60 0\n"
            "500 control channel 0: 7 3\n"
            "500 push channel 0: 30 0\n"
            "500 push key channel 0: 60 9\n"
            "500 on channel 0: 60 70\n"
            "501 off channel 0: 60 0\n"  // a note without length sounds for one sample
            "750 bend channel 0: 0 0\n"
            "750 on channel 1: 36 100\n"
            "1000 off channel 1: 36 0\n"
            "1000 bend channel 0: 16383 0\n");
}

TEST(SoundEvents, APedalGoesDownBeforeEndsOrAfterThemAsItsPlaceSays) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(0), Ticks(480), 60, 90}, {Ticks(480), Ticks(480), 62, 90}};
  score.tracks[0].controls = {{Ticks(480), 64, 127, score::TickPlace::before_ends},
                              {Ticks(480), 7, 3},
                              {Ticks(480), 66, 127, score::TickPlace::after_onsets}};
  EXPECT_EQ(listed(sound_events(score, 1000)),
            "0 program channel 0: 0 0\n"
            "0 on channel 0: 60 90\n"
            "500 control channel 0: 64 127\n"
            "500 off channel 0: 60 0\n"
            "500 control channel 0: 7 3\n"
            "500 on channel 0: 62 90\n"
            "500 control channel 0: 66 127\n"
            "1000 off channel 0: 62 0\n");
}

TEST(SoundEvents, TicksOfOneSampleKeepTheirOrder) {
  Score score;
  score.ticks_per_quarter = 32000;
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(0), Ticks(64002), 60, 90}};
  score.tracks[0].controls = {{Ticks(64000), 64, 0}, {Ticks(64002), 64, 127, score::TickPlace::before_ends}};
  EXPECT_EQ(listed(sound_events(score, 1000)),
            "0 program channel 0: 0 0\n"
            "0 on channel 0: 60 90\n"
            "1000 control channel 0: 64 0\n"
            "1000 control channel 0: 64 127\n"
            "1000 off channel 0: 60 0\n");
}

TEST(SoundEvents, ResettingControllersIsPlayed_StoppingAllSoundIsNot) {
  Score score;
  score.tracks.resize(1);
  for (const std::uint8_t mode : {120, 121, 123, 126}) score.tracks[0].controls.push_back({Ticks(0), mode, 0});
  EXPECT_EQ(listed(sound_events(score, 1000)),
            "0 program channel 0: 0 0\n"
            "0 control channel 0: 121 0\n");
}

TEST(SoundEvents, MoreTracksThanChannelsShareThem) {
  Score score;
  score.tracks.resize(300);
  const std::vector<SoundEvent> events = sound_events(score, 44100);
  ASSERT_EQ(events.size(), 300U);
  for (std::size_t t = 0; t < 300; ++t) EXPECT_EQ(events[t].channel, static_cast<int>(t % 256));
}

}  // namespace
}  // namespace continuo::render
