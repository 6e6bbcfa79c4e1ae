#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "continuo/base/file.h"
#include "continuo/midi/parser.h"
#include "continuo/midi/writer.h"

namespace continuo::midi {
namespace {

Event any_event(File& file, std::int64_t time) {
  const int choice = *rc::gen::inRange(0, 10);
  const auto payload = choice < 7 ? std::vector<std::uint8_t>{} : *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  if (choice == 7) {
    const int type = *rc::gen::suchThat(rc::gen::inRange(0, 128), [](int t) { return t != meta::kEndOfTrack; });
    return file.meta(time, static_cast<std::uint8_t>(type), payload);
  }
  if (choice == 8) return file.sysex(time, EventKind::sysex, payload);
  if (choice == 9) return file.sysex(time, EventKind::sysex_continued, payload);
  const auto status = static_cast<std::uint8_t>(0x80 + 16 * choice);
  const int data2 = data_bytes(status) == 2 ? *rc::gen::inRange(0, 128) : 0;
  return File::channel_message(time, static_cast<EventKind>(status), *rc::gen::inRange(0, 16),
                               *rc::gen::inRange(0, 128), data2);
}

File any_file() {
  File file;
  file.header.format = *rc::gen::inRange(0, 3);
  file.header.division.raw = *rc::gen::arbitrary<std::uint16_t>();
  file.tracks.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (TrackChunk& track : file.tracks) {
    const auto deltas = *rc::gen::container<std::vector<int>>(
        rc::gen::weightedOneOf<int>({{4, rc::gen::inRange(0, 300)}, {1, rc::gen::inRange(0, 0x10000000)}}));
    std::int64_t time = 0;
    for (const int delta : deltas) track.events.push_back(any_event(file, time += delta));
    track.end_time = time + *rc::gen::inRange(0, 1000);
  }
  return file;
}

RC_GTEST_PROP(RoundTrip, ParseInvertsWrite, (bool running_status)) {
  const File file = any_file();
  const auto bytes = write(file, {.running_status = running_status});
  RC_ASSERT(bytes.ok());
  const Result<File> back = parse(*bytes, {.strict = true});
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == file);
}

std::filesystem::path data_folder() {
  if (const char* given = std::getenv("CONTINUO_DATA")) return given;
  return std::filesystem::path(CONTINUO_SOURCE_DIR) / ".." / "shared" / "data";
}

TEST(RoundTrip, RealFilesComeBackEqual) {
  const std::filesystem::path folder = data_folder() / "maestro-v3.0.0" / "2004";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no data folder: " << folder;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".midi" || files == 20) continue;
    ++files;
    const auto bytes = read_file(entry.path());
    ASSERT_TRUE(bytes.ok());
    const Result<File> file = parse(*bytes, {.strict = true});
    ASSERT_TRUE(file.ok()) << file.error().to_line();
    EXPECT_EQ(*parse(*write(*file), {.strict = true}), *file);
  }
  EXPECT_EQ(files, 20);
}

}  // namespace
}  // namespace continuo::midi
