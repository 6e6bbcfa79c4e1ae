#include "continuo/score/general_midi.h"

#include <set>

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

TEST(GeneralMidi, FindsTheSoundThatANameMeans) {
  EXPECT_EQ(find_sound("piano"), (Sound{0, false}));
  EXPECT_EQ(find_sound("Bass"), (Sound{33, false}));
  EXPECT_EQ(find_sound("DRUMS"), (Sound{0, true}));
  EXPECT_EQ(find_sound("alto sax"), (Sound{65, false}));
  EXPECT_EQ(find_sound("Violin"), (Sound{40, false}));
  EXPECT_EQ(find_sound("0"), (Sound{0, false}));
  EXPECT_EQ(find_sound("127"), (Sound{127, false}));
  for (const char* unknown : {"", "kazoo", "128", "-1", "3x", " piano"}) EXPECT_FALSE(find_sound(unknown)) << unknown;
  for (int program = 0; program < 128; ++program)
    EXPECT_EQ(find_sound(program_name(std::uint8_t(program))), (Sound{std::uint8_t(program), false}));
}

TEST(GeneralMidi, NamesStandAtTheirNumbers) {
  EXPECT_EQ(program_name(0), "Acoustic Grand Piano");
  EXPECT_EQ(program_name(40), "Violin");
  EXPECT_EQ(program_name(73), "Flute");
  EXPECT_EQ(program_name(127), "Gunshot");
  EXPECT_EQ(drum_name(34), "");
  EXPECT_EQ(drum_name(38), "Snare");
  EXPECT_EQ(drum_name(51), "Ride");
  EXPECT_EQ(drum_name(81), "Open triangle");
  EXPECT_EQ(drum_name(82), "");
}

TEST(GeneralMidi, NamesAreThereAndDifferForEveryNumber) {
  std::set<std::string_view> programs, drums;
  for (int number = 0; number < 128; ++number) {
    programs.insert(program_name(static_cast<std::uint8_t>(number)));
    const std::string_view drum = drum_name(static_cast<std::uint8_t>(number));
    EXPECT_EQ(drum.empty(), number < 35 || number > 81) << number;
    if (!drum.empty()) drums.insert(drum);
  }
  EXPECT_EQ(programs.size(), 128U);
  EXPECT_FALSE(programs.contains(""));
  EXPECT_EQ(drums.size(), 47U);
}

TEST(GeneralMidi, EveryInstrumentHasARangeOfTwoOctavesOrNearly) {
  for (int number = 0; number < 128; ++number) {
    const PitchSpan range = program_range(static_cast<std::uint8_t>(number));
    EXPECT_GE(range.lowest, 21) << number;
    EXPECT_LE(range.highest, 108) << number;
    EXPECT_GE(range.highest - range.lowest, 19) << number;
  }
  EXPECT_EQ(program_range(0).lowest, 21);    // piano
  EXPECT_EQ(program_range(33).highest, 67);  // electric bass
  EXPECT_EQ(program_range(40).lowest, 55);   // violin
  EXPECT_EQ(program_range(41).lowest, 48);   // viola
  EXPECT_EQ(program_range(127).highest, 108);
}

}  // namespace
}  // namespace continuo::score
