#include "continuo/score/pitch_names.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

TEST(PitchNames, AreKeysOfMidi) {
  EXPECT_EQ(find_pitch("C4"), 60);
  EXPECT_EQ(find_pitch("c4"), 60);
  EXPECT_EQ(find_pitch("Bb3"), 58);
  EXPECT_EQ(find_pitch("F#-1"), 6);
  EXPECT_EQ(find_pitch("Cb4"), 71);
  EXPECT_EQ(find_pitch("G9"), 127);
  EXPECT_EQ(find_pitch("0"), 0);
  for (const char* wrong : {"", "H4", "C", "G#9", "128", "-1", "C10", "C4x", "4C"})
    EXPECT_FALSE(find_pitch(wrong)) << wrong;
}

TEST(ScaleNames, ArePitchClasses) {
  EXPECT_EQ(find_scale("C major"), 0b101010110101);
  EXPECT_EQ(find_scale("A minor"), find_scale("C major"));
  EXPECT_EQ(find_scale("Am"), find_scale("C"));
  EXPECT_EQ(find_scale("d DORIAN"), find_scale("C"));
  EXPECT_EQ(find_scale("G mixolydian"), find_scale("C"));
  EXPECT_EQ(find_scale("B locrian"), find_scale("C"));
  EXPECT_EQ(find_scale("E phrygian"), find_scale("C"));
  EXPECT_EQ(find_scale("F lydian"), find_scale("C"));
  EXPECT_EQ(find_scale("F# minor"), find_scale("A major"));
  EXPECT_EQ(find_scale("A minor pentatonic"), find_scale("C pentatonic"));
  const auto harmonic = find_scale("A harmonic minor").value();
  EXPECT_TRUE(harmonic >> 8 & 1);
  EXPECT_FALSE(harmonic >> 7 & 1);
  for (const char* wrong : {"", "major", "H major", "C foo", "Cx"}) EXPECT_FALSE(find_scale(wrong)) << wrong;
  EXPECT_NE(scale_names().find("harmonic minor, "), std::string::npos);
}

TEST(FindKey, NamesOfKeysWithSignatures) {
  const auto key = [](std::string_view name) {
    const auto found = find_key(name);
    return found ? found->name() : std::string("none");
  };
  EXPECT_EQ(key("C"), "C major");
  EXPECT_EQ(key("Am"), "A minor");
  EXPECT_EQ(key("f# minor"), "F# minor");
  EXPECT_EQ(key("Eb Major"), "Eb major");
  EXPECT_EQ(key("Cb"), "Cb major");
  EXPECT_EQ(key("A# minor"), "A# minor");
  EXPECT_EQ(key("B"), "B major");
  EXPECT_EQ(key("Bb"), "Bb major");
  for (const char* none : {"", "H", "G#", "Fb minor", "C dorian", "C#b", "Cmaj7", "7"})
    EXPECT_EQ(key(none), "none") << none;
}

TEST(FindKey, NotesOfAKey) {
  EXPECT_EQ(pitch_classes_of(*find_key("C")), *find_scale("C major"));
  EXPECT_EQ(pitch_classes_of(*find_key("Eb")), *find_scale("Eb major"));
  EXPECT_EQ(pitch_classes_of(*find_key("Am")), *find_scale("A minor") | 1U << 8);
  EXPECT_EQ(pitch_classes_of(*find_key("F# minor")), *find_scale("F# minor") | *find_scale("F# harmonic minor"));
}

}  // namespace
}  // namespace continuo::score
