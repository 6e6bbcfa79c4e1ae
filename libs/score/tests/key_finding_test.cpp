#include "continuo/score/key_finding.h"

#include <gtest/gtest.h>

#include "continuo/score/transpose.h"

namespace continuo::score {
namespace {

Score melody(const std::vector<int>& pitches) {
  Score score;
  score.tracks.resize(1);
  Ticks onset;
  for (const int pitch : pitches) {
    score.tracks[0].notes.push_back({onset, Ticks(480), static_cast<std::uint8_t>(pitch), 80});
    onset += Ticks(480);
  }
  return score;
}

const std::vector<int> kMajorTune = {60, 62, 64, 65, 67, 67, 69, 71, 72, 67, 64, 60, 65, 62, 67, 60};
const std::vector<int> kMinorTune = {57, 59, 60, 62, 64, 64, 65, 64, 62, 60, 59, 57, 56, 57, 64, 57};

TEST(KeyFinding, FindsMajorAndMinorInAllTranspositions) {
  for (int semitones = -6; semitones <= 6; ++semitones) {
    for (const bool is_minor : {false, true}) {
      const Score tune = *transposed(melody(is_minor ? kMinorTune : kMajorTune), semitones);
      const std::optional<KeyEstimate> found = find_key(tune);
      ASSERT_TRUE(found.has_value());
      Score keyed;
      keyed.key_signatures = {{Ticks(0), 0, is_minor}};
      const int fifths = transposed(keyed, semitones)->key_signatures[0].fifths;
      EXPECT_EQ(found->key, (KeySignature{Ticks(0), fifths == -6 && !is_minor ? 6 : fifths, is_minor}));
      EXPECT_GT(found->correlation, 0.8);
    }
  }
}

TEST(KeyFinding, NamesKeysAsTheyAreUsuallyWritten) {
  const std::vector<std::string> major = {"C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};
  const std::vector<std::string> minor = {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"};
  for (int tonic = 0; tonic < 12; ++tonic) {
    const auto index = static_cast<std::size_t>(tonic);
    EXPECT_EQ(find_key(*transposed(melody(kMajorTune), tonic))->key.name(), major[index] + " major");
    EXPECT_EQ(find_key(*transposed(melody(kMinorTune), tonic - 9))->key.name(), minor[index] + " minor");
  }
}

TEST(KeyFinding, NoneWithoutPitchedNotes) {
  EXPECT_FALSE(find_key(Score{}).has_value());
  Score drums = melody({36, 38, 42});
  drums.tracks[0].is_drum = true;
  EXPECT_FALSE(find_key(drums).has_value());
}

TEST(KeyFinding, NoneWhenAllTwelveSoundEqually) {
  EXPECT_FALSE(find_key(melody({60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71})).has_value());
}

TEST(KeyFinding, ProfileCountsQuarters) {
  const PitchClassProfile profile = pitch_class_profile(melody({60, 72, 61}));
  EXPECT_DOUBLE_EQ(profile[0], 2.0);
  EXPECT_DOUBLE_EQ(profile[1], 1.0);
}

// Krumhansl and Kessler's ratings, from the tonic upwards: each key's own profile is its best example.
TEST(KeyFinding, TheProfileOfAKeyIsThatKeyWithCorrelationOne) {
  constexpr PitchClassProfile kMajor = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
  constexpr PitchClassProfile kMinor = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};
  // Fifths of the major keys on C, Db, D ...; a minor key has those of the major key three semitones above.
  constexpr std::array<int, 12> kFifths = {0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5};
  for (const bool is_minor : {false, true}) {
    for (std::size_t tonic = 0; tonic < 12; ++tonic) {
      PitchClassProfile profile{};
      for (std::size_t i = 0; i < 12; ++i) profile[(tonic + i) % 12] = 3 * (is_minor ? kMinor : kMajor)[i] + 1;
      const std::optional<KeyEstimate> found = find_key(profile);
      ASSERT_TRUE(found.has_value());
      EXPECT_NEAR(found->correlation, 1.0, 1e-12);
      const bool is_eb_minor = is_minor && tonic == 3;
      const int fifths = is_eb_minor ? -6 : kFifths[is_minor ? (tonic + 3) % 12 : tonic];
      EXPECT_EQ(found->key, (KeySignature{Ticks(0), fifths, is_minor}));
    }
  }
}

}  // namespace
}  // namespace continuo::score
