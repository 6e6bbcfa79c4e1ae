#include "continuo/midi/writer.h"

#include <gtest/gtest.h>

#include "continuo/midi/parser.h"

#include "smf_bytes.h"

namespace continuo::midi {
namespace {

using namespace testing;

File two_notes() {
  File file;
  file.header = {0, Division::per_quarter(480)};
  file.tracks.resize(1);
  file.tracks[0].events = {File::channel_message(0, EventKind::note_on, 0, 60, 64),
                           File::channel_message(200, EventKind::note_on, 0, 60, 0)};
  file.tracks[0].end_time = 200;
  return file;
}

TEST(Writer, WritesTheBytesOfTheStandard) {
  const Bytes expected = one_track(Bytes{0, 0x90, 60, 64, 0x81, 0x48, 60, 0} + kEnd);
  EXPECT_EQ(*write(two_notes()), expected);
}

TEST(Writer, RunningStatusIsOptional) {
  const Bytes expected = one_track(Bytes{0, 0x90, 60, 64, 0x81, 0x48, 0x90, 60, 0} + kEnd);
  EXPECT_EQ(*write(two_notes(), {.running_status = false}), expected);
}

TEST(Writer, MetaEventsEndRunningStatus) {
  File file = two_notes();
  file.tracks[0].events.insert(file.tracks[0].events.begin() + 1, file.meta(100, meta::kText, "hi"));
  const Result<File> back = parse(*write(file), {.strict = true});
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, file);
}

TEST(Writer, LongRestsAreBridged) {
  File file = two_notes();
  file.tracks[0].events[1].time = std::int64_t{1} << 30;
  file.tracks[0].end_time = std::int64_t{1} << 31;
  const Result<File> back = parse(*write(file), {.strict = true});
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->tracks[0].end_time, file.tracks[0].end_time);
  for (const Event& event : back->tracks[0].events) {
    if (event.data2 == 0 && event.is_channel_message()) {
      EXPECT_EQ(event.time, std::int64_t{1} << 30);
    }
  }
}

TEST(Writer, TheLongestDeltaNeedsNoBridge) {
  File file = two_notes();
  file.tracks[0].events[1].time = file.tracks[0].end_time = 0x0FFFFFFF;
  EXPECT_EQ(*write(file), one_track(Bytes{0, 0x90, 60, 64, 0xFF, 0xFF, 0xFF, 0x7F, 60, 0} + kEnd));
}

TEST(Writer, RefusesWhatTheFormatCannotHold) {
  File file = two_notes();
  file.tracks[0].events[1].time = -1;
  EXPECT_FALSE(write(file).ok());
  file = two_notes();
  file.tracks[0].events[0].data2 = 128;
  EXPECT_FALSE(write(file).ok());
  file = two_notes();
  file.tracks[0].end_time = 199;
  EXPECT_FALSE(write(file).ok());
  file = two_notes();
  file.header.format = 3;
  EXPECT_FALSE(write(file).ok());
  file = two_notes();
  file.tracks[0].events[0] = file.meta(0, meta::kEndOfTrack, "");
  EXPECT_FALSE(write(file).ok());
}

}  // namespace
}  // namespace continuo::midi
