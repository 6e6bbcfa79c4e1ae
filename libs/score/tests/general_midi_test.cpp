#include "continuo/score/general_midi.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

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

}  // namespace
}  // namespace continuo::score
