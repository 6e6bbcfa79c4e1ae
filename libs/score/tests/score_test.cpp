#include "continuo/score/score.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

TEST(KeySignature, Name_FollowsTheCircleOfFifths) {
  EXPECT_EQ((KeySignature{Ticks(0), 0, false}).name(), "C major");
  EXPECT_EQ((KeySignature{Ticks(0), 0, true}).name(), "A minor");
  EXPECT_EQ((KeySignature{Ticks(0), 3, true}).name(), "F# minor");
  EXPECT_EQ((KeySignature{Ticks(0), -7, false}).name(), "Cb major");
  EXPECT_EQ((KeySignature{Ticks(0), 7, true}).name(), "A# minor");
  EXPECT_EQ((KeySignature{Ticks(0), -3, false}).name(), "Eb major");
}

TEST(KeySignature, FifthsAt_TheLastOneGivenHolds) {
  const std::vector<KeySignature> keys = {{Ticks(10), 2, false}, {Ticks(20), -1, true}};
  EXPECT_EQ(fifths_at(keys, Ticks(9)), 0);
  EXPECT_EQ(fifths_at(keys, Ticks(10)), 2);
  EXPECT_EQ(fifths_at(keys, Ticks(500)), -1);
}

TEST(TimeSignature, BarLength_IsNeverZero) {
  EXPECT_EQ((TimeSignature{Ticks(0), 6, 8}).bar_length(480), Ticks(1440));
  EXPECT_EQ((TimeSignature{Ticks(0), 1, 128}).bar_length(1), Ticks(1));
}

TEST(Score, EndIsThatOfTheLongestNote) {
  Score score;
  EXPECT_EQ(score.end(), Ticks(0));
  score.tracks.resize(2);
  score.tracks[0].notes = {{Ticks(0), Ticks(1000), 60, 80}, {Ticks(500), Ticks(100), 62, 80}};
  score.tracks[1].notes = {{Ticks(900), Ticks(20), 40, 80}};
  EXPECT_EQ(score.end(), Ticks(1000));
  EXPECT_EQ(score.note_count(), 3U);
  EXPECT_DOUBLE_EQ(score.duration().value, 1000.0 / 960.0);
}

TEST(Score, Sort_OrdersByOnsetPitchDurationAndIsStable) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {{Ticks(5), Ticks(3), 60, 1},
                           {Ticks(0), Ticks(9), 64, 2},
                           {Ticks(0), Ticks(2), 64, 3},
                           {Ticks(5), Ticks(3), 60, 0},
                           {Ticks(0), Ticks(9), 60, 4}};
  score.tracks[0].controls = {{Ticks(4), 64, 1}, {Ticks(0), 7, 9}, {Ticks(4), 64, 0}};
  score.tracks[0].pitch_bends = {{Ticks(4), 1, TickPlace::after_onsets},
                                 {Ticks(4), 2},
                                 {Ticks(4), 3, TickPlace::before_ends},
                                 {Ticks(0), 4, TickPlace::after_onsets}};
  score.sort();
  std::vector<int> velocities;
  for (const Note& note : score.tracks[0].notes) velocities.push_back(note.velocity);
  EXPECT_EQ(velocities, (std::vector<int>{4, 3, 2, 1, 0}));
  EXPECT_EQ(score.tracks[0].controls[0].controller, 7);
  EXPECT_EQ(score.tracks[0].controls[1].value, 1);
  EXPECT_EQ(score.tracks[0].controls[2].value, 0);
  std::vector<int> bends;
  for (const PitchBend& bend : score.tracks[0].pitch_bends) bends.push_back(bend.value);
  EXPECT_EQ(bends, (std::vector<int>{4, 3, 2, 1}));
}

TEST(KeySignature, Name_TonicsRiseByFifths) {
  // The tonic of the next key is seven semitones above; a minor tonic three below its major one.
  const auto pitch_class = [](const std::string& name) {
    const int letter = std::string("C D EF G A B").find(name[0]) == std::string::npos
                           ? -1
                           : static_cast<int>(std::string("C D EF G A B").find(name[0]));
    return (letter + (name[1] == '#' ? 1 : name[1] == 'b' ? 11 : 0)) % 12;
  };
  for (int fifths = -7; fifths <= 7; ++fifths) {
    const std::string major = (KeySignature{Ticks(0), fifths, false}).name();
    const std::string minor = (KeySignature{Ticks(0), fifths, true}).name();
    EXPECT_EQ(pitch_class(major), (7 * (fifths + 12)) % 12) << major;
    EXPECT_EQ(pitch_class(minor), (7 * (fifths + 12) + 9) % 12) << minor;
  }
  EXPECT_EQ((KeySignature{Ticks(0), 100, false}).name(), "C# major");
  EXPECT_EQ((KeySignature{Ticks(0), -100, true}).name(), "Ab minor");
}

template <typename Event>
void expect_sorted_and_stable(const std::vector<Event>& sorted, const Event& first, const Event& second) {
  ASSERT_EQ(sorted.size(), 3U);
  EXPECT_EQ(sorted[0].onset, Ticks(0));
  EXPECT_EQ(sorted[1], first);
  EXPECT_EQ(sorted[2], second);
}

TEST(Score, Sort_OrdersEveryListAndIsStable) {
  Score score;
  score.tracks.resize(2);
  score.tracks[1].notes = {{Ticks(3), Ticks(1), 60, 80}, {Ticks(2), Ticks(1), 60, 80}};
  score.tracks[1].pitch_bends = {{Ticks(4), 2}, {Ticks(4), 1}, {Ticks(0), 3}};
  score.tracks[1].pressures = {{Ticks(4), 2, 7}, {Ticks(4), 1, 7}, {Ticks(0), 3, 7}};
  score.tempos = {{Ticks(4), 2}, {Ticks(4), 1}, {Ticks(0), 3}};
  score.time_signatures = {{Ticks(4), 2, 4}, {Ticks(4), 1, 4}, {Ticks(0), 3, 4}};
  score.key_signatures = {{Ticks(4), 2, false}, {Ticks(4), 1, false}, {Ticks(0), 3, false}};
  score.chord_symbols = {{Ticks(4), "B"}, {Ticks(4), "A"}, {Ticks(0), "C"}};
  score.markers = {{Ticks(4), "B"}, {Ticks(4), "A"}, {Ticks(0), "C"}};
  score.sort();
  EXPECT_EQ(score.tracks[1].notes[0].onset, Ticks(2));
  expect_sorted_and_stable(score.tracks[1].pitch_bends, {Ticks(4), 2}, {Ticks(4), 1});
  expect_sorted_and_stable(score.tracks[1].pressures, {Ticks(4), 2, 7}, {Ticks(4), 1, 7});
  expect_sorted_and_stable(score.tempos, {Ticks(4), 2}, {Ticks(4), 1});
  expect_sorted_and_stable(score.time_signatures, {Ticks(4), 2, 4}, {Ticks(4), 1, 4});
  expect_sorted_and_stable(score.key_signatures, {Ticks(4), 2, false}, {Ticks(4), 1, false});
  expect_sorted_and_stable(score.chord_symbols, {Ticks(4), "B"}, {Ticks(4), "A"});
  expect_sorted_and_stable(score.markers, {Ticks(4), "B"}, {Ticks(4), "A"});
}

}  // namespace
}  // namespace continuo::score
