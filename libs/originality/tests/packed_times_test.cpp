#include "../src/packed_times.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::originality {
namespace {

TEST(PackedTimes, ComeBackAsTheyWere) {
  Rng rng(1);
  for (int turn = 0; turn < 200; ++turn) {
    std::vector<LineNote> notes;
    LineNote note;
    for (std::uint64_t i = rng.below(50); i > 0; --i) {
      note.time += std::int64_t(rng.below(std::uint64_t{1} << rng.below(40)));
      if (rng.below(4) == 0) note.bar += std::int32_t(rng.below(1000));
      notes.push_back(note);
    }
    std::vector<LineNote> again(notes.size());
    unpack_times(pack_times(notes), again);
    for (std::size_t i = 0; i < notes.size(); ++i) {
      EXPECT_EQ(again[i].time, notes[i].time);
      EXPECT_EQ(again[i].bar, notes[i].bar);
    }
  }
}

TEST(PackedTimes, AQuarterAndABarLineAreTwoBytes) {
  const std::vector<LineNote> notes = {{.time = 0}, {.time = 48}, {.time = 96, .bar = 1}};
  EXPECT_EQ(pack_times(notes).size(), 1u + 1 + 2);
}

TEST(PackedTimes, BrokenBytes_GiveTimesThatDoNotFall) {
  Rng rng(2);
  for (int turn = 0; turn < 500; ++turn) {
    std::vector<std::uint8_t> packed;
    for (std::uint64_t i = rng.below(30); i > 0; --i) packed.push_back(std::uint8_t(rng.below(256)));
    std::vector<LineNote> notes(20);
    unpack_times(packed, notes);
    for (std::size_t i = 1; i < notes.size(); ++i) {
      EXPECT_GE(notes[i].time, notes[i - 1].time);
      EXPECT_GE(notes[i].bar, notes[i - 1].bar);
    }
  }
}

}  // namespace
}  // namespace continuo::originality
