#include "continuo/midi/parser.h"

#include <string>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

#include "smf_bytes.h"

namespace continuo::midi {
namespace {

using namespace testing;

// "time status data1 data2" of each event, in hexadecimal but for the time.
std::string listing(const File& file) {
  std::string text;
  for (const TrackChunk& track : file.tracks) {
    for (const Event& event : track.events) {
      char line[64];
      std::snprintf(line, sizeof line, "%lld %02X %02X %02X", static_cast<long long>(event.time), event.status,
                    event.data1, event.data2);
      text += line;
      for (const std::uint8_t byte : file.payload(event)) {
        std::snprintf(line, sizeof line, " %02X", byte);
        text += line;
      }
      text += "; ";
    }
    text += "end " + std::to_string(track.end_time);
  }
  return text;
}

std::string parsed(const Bytes& events) {
  const Result<File> file = parse(one_track(events), {.strict = true});
  return file.ok() ? listing(*file) : file.error().to_line();
}

TEST(Parser, AllChannelMessages) {
  EXPECT_EQ(parsed(Bytes{0,    0x80, 1, 2, 1,    0x91, 3, 4,    2,  0xA2, 5,    6,  3,
                         0xB3, 7,    8, 4, 0xC4, 9,    5, 0xD5, 10, 6,    0xE6, 11, 12} +
                   kEnd),
            "0 80 01 02; 1 91 03 04; 3 A2 05 06; 6 B3 07 08; 10 C4 09 00; 15 D5 0A 00; 21 E6 0B 0C; end 21");
}

TEST(Parser, DeltaTimesOfAllLengths) {
  EXPECT_EQ(parsed(Bytes{0x7F, 0xC0, 1,    0x81, 0x00, 0xC0, 2,    0x81, 0x80, 0x00, 0xC0, 3, 0xFF,
                         0xFF, 0xFF, 0x7F, 0xC0, 4,    0x00, 0x90, 1,    2,    0x81, 0x01, 3, 4} +
                   Bytes{0x05, 0xFF, 0x2F, 0}),
            "127 C0 01 00; 255 C0 02 00; 16639 C0 03 00; 268452094 C0 04 00; 268452094 90 01 02; 268452223 90 03 04; "
            "end 268452228");
}

TEST(Parser, RunningStatus) {
  EXPECT_EQ(parsed(Bytes{0, 0x90, 60, 1, 10, 60, 0, 0, 0xC1, 5, 1, 6} + kEnd),
            "0 90 3C 01; 10 90 3C 00; 10 C1 05 00; 11 C1 06 00; end 11");
}

TEST(Parser, MetaAndSysexPayloads) {
  EXPECT_EQ(parsed(Bytes{0, 0xFF, 0x03, 2, 'a', 'b', 1, 0xF0, 2, 1, 0xF7, 2, 0xF7, 1, 9, 0, 0xFF, 0x7F, 0} + kEnd),
            "0 FF 03 00 61 62; 1 F0 00 00 01 F7; 3 F7 00 00 09; 3 FF 7F 00; end 3");
}

struct DefectCase {
  const char* name;
  Bytes events;
  const char* listing;
  Defect defect;
};

class TrackDefects : public ::testing::TestWithParam<DefectCase> {};

TEST_P(TrackDefects, AreReadAsDocumentedAndStrictRefuses) {
  const Bytes bytes = one_track(GetParam().events);
  Diagnostics diagnostics;
  const Result<File> file = parse(bytes, {}, &diagnostics);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(listing(*file), GetParam().listing);
  EXPECT_TRUE(diagnostics.contains(GetParam().defect)) << to_string(diagnostics.kept().front().defect);
  const Result<File> strict = parse(bytes, {.strict = true});
  ASSERT_FALSE(strict.ok());
  EXPECT_EQ(strict.error().what, description(GetParam().defect));
  EXPECT_NE(strict.error().where.find("track 0"), std::string::npos);
}

const Bytes kOn = {0, 0x90, 60, 64};

INSTANTIATE_TEST_SUITE_P(
    All, TrackDefects,
    ::testing::Values(
        DefectCase{"running_across_meta", kOn + Bytes{0, 0xFF, 1, 0, 5, 60, 0} + kEnd,
                   "0 90 3C 40; 0 FF 01 00; 5 90 3C 00; end 5", Defect::running_status_after_meta},
        DefectCase{"no_status_at_all", Bytes{0, 60, 64} + kEnd, "end 0", Defect::no_running_status},
        DefectCase{"data_above_127", Bytes{0, 0x90, 200, 64, 0, 0xB0, 7, 255} + kEnd, "0 90 7F 40; 0 B0 07 7F; end 0",
                   Defect::data_out_of_range},
        DefectCase{"song_position", Bytes{3, 0xF2, 1, 2} + kOn + kEnd, "3 90 3C 40; end 3",
                   Defect::stray_system_message},
        DefectCase{"active_sensing", kOn + Bytes{3, 0xFE} + kEnd, "0 90 3C 40; end 3", Defect::stray_system_message},
        DefectCase{"meaningless_status", kOn + Bytes{3, 0xF5, 1, 2} + kOn + kEnd, "0 90 3C 40; end 3",
                   Defect::undefined_status},
        DefectCase{"running_across_clock", kOn + Bytes{3, 0xF8, 2, 60, 0} + kEnd, "0 90 3C 40; 5 90 3C 00; end 5",
                   Defect::stray_system_message},
        DefectCase{"five_byte_delta", kOn + Bytes{0x81, 0x80, 0x80, 0x80, 0x00, 0x90, 1, 2} + kEnd, "0 90 3C 40; end 0",
                   Defect::overlong_number},
        DefectCase{"cut_in_delta", kOn + Bytes{0x81}, "0 90 3C 40; end 0", Defect::truncated_event},
        DefectCase{"cut_in_message", kOn + Bytes{9, 0x90, 1}, "0 90 3C 40; end 9", Defect::truncated_event},
        DefectCase{"cut_in_meta_type", kOn + Bytes{0, 0xFF}, "0 90 3C 40; end 0", Defect::truncated_event},
        DefectCase{"cut_in_payload", kOn + Bytes{0, 0xFF, 1, 9, 'a'}, "0 90 3C 40; end 0", Defect::truncated_event},
        DefectCase{"cut_in_sysex", kOn + Bytes{0, 0xF0, 0x81}, "0 90 3C 40; end 0", Defect::truncated_event},
        DefectCase{"no_end", kOn + Bytes{7, 60, 0}, "0 90 3C 40; 7 90 3C 00; end 7", Defect::no_end_of_track},
        DefectCase{"empty_track", {}, "end 0", Defect::no_end_of_track},
        DefectCase{"behind_the_end", kOn + kEnd + kOn, "0 90 3C 40; end 0", Defect::bytes_after_end_of_track}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Diagnostics, KeepsFewAndCountsAll) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < 1000; ++i) diagnostics.add(Defect::data_out_of_range, i, 2);
  EXPECT_EQ(diagnostics.count(), 1000U);
  EXPECT_EQ(diagnostics.kept().size(), Diagnostics::kKept);
  EXPECT_EQ(diagnostics.kept()[3].to_error().to_line(), "a data byte above 127, byte 3, track 2");
}

TEST(Parser, DamagedBytesNeverCrash) {
  const Bytes good = header(1, 2) + chunk("MTrk", Bytes{0, 0xFF, 0x51, 3, 7, 161, 32} + kEnd) +
                     chunk("MTrk", kNote + Bytes{0, 0xF0, 3, 1, 2, 0xF7, 0x83, 0x60, 0xE0, 1, 2, 5, 3, 4} + kEnd);
  Rng rng(11);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = good;
    for (std::uint64_t changes = 1 + rng.below(4); changes > 0; --changes) {
      bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.below(256));
    }
    if (rng.below(3) == 0) bytes.resize(rng.below(bytes.size()));
    const Result<File> file = parse(bytes);
    if (!file.ok()) continue;
    std::size_t events = 0;
    for (const TrackChunk& track : file->tracks) events += track.events.size();
    EXPECT_LE(events, bytes.size());
  }
}

}  // namespace
}  // namespace continuo::midi
