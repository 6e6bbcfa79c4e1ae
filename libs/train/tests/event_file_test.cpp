#include "state/event_file.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "continuo/base/checksum.h"
#include "continuo/runs/run_files.h"

#include "fakes.h"
#include "hooks/history.h"

namespace continuo::train {
namespace {

namespace fs = std::filesystem;

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

std::uint32_t checksum_of(const std::string& text) {
  return crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

// Of RFC 3720, B.4: the checksums that the records are built on.
TEST(EventRecord, ChecksumsAreThoseOfTheStandard) {
  std::string up, down;
  for (int i = 0; i < 32; ++i) {
    up += static_cast<char>(i);
    down += static_cast<char>(31 - i);
  }
  EXPECT_EQ(checksum_of(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(checksum_of(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(checksum_of(up), 0x46dd794eU);
  EXPECT_EQ(checksum_of(down), 0x113fdb5cU);
}

// The data is 32 zeros, whose CRC 0x8a9136aa rotated right by 15 is 0x6d551522, plus 0xa282ead8 is 0x0fd7fffa.
TEST(EventRecord, IsLengthDataAndMaskedChecksums) {
  const std::string data(32, '\0');
  const std::string record = event_record(data);
  ASSERT_EQ(record.size(), 8U + 4 + 32 + 4);
  EXPECT_EQ(record.substr(0, 8), bytes({32, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(record.substr(12, 32), data);
  EXPECT_EQ(record.substr(44), bytes({0xfa, 0xff, 0xd7, 0x0f}));
  const std::uint32_t crc = checksum_of(record.substr(0, 8));
  std::uint32_t stored = 0;
  std::memcpy(&stored, record.data() + 8, sizeof stored);
  EXPECT_EQ(stored, ((crc >> 15) | (crc << 17)) + 0xa282ead8U);
}

// 1.5 as a double is 0x3ff8000000000000, 0.5 as a float 0x3f000000; 300 is 0xac 0x02 in groups of seven bits.
TEST(EventMessage, IsTheWireFormatByteForByte) {
  const std::string at = bytes({0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f});
  EXPECT_EQ(version_event(1.5), at + bytes({0x1a, 13}) + "brain.Event:2");
  const Scalar scalars[] = {{"a/b", 0.5}, {"c", -2}};
  EXPECT_EQ(scalars_event(1.5, 300, scalars), at + bytes({0x10, 0xac, 0x02, 0x2a, 22}) + bytes({0x0a, 10, 0x0a, 3}) +
                                                  "a/b" + bytes({0x15, 0, 0, 0, 0x3f}) + bytes({0x0a, 8, 0x0a, 1}) +
                                                  "c" + bytes({0x15, 0, 0, 0, 0xc0}));
  EXPECT_EQ(start_event(1.5, 7), at + bytes({0x10, 7, 0x3a, 2, 0x08, 1}));
}

// Takes a file apart by the format alone, and checks each checksum.
std::vector<std::string> records_of(const std::string& file) {
  std::vector<std::string> records;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data() + at, sizeof length);
    EXPECT_LE(at + 16 + length, file.size());
    if (at + 16 + length > file.size()) break;
    records.push_back(file.substr(at + 12, length));
    EXPECT_EQ(file.substr(at, 16 + length), event_record(records.back()));
    at += 16 + length;
  }
  return records;
}

std::vector<fs::path> event_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_event_file(entry.path())) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

using EventFileTest = FakeRun;

TEST_F(EventFileTest, AppendsAndEachProcessHasAFileOfItsOwn) {
  const auto now = [] { return 1700000000.25; };
  const Scalar scalar[] = {{"train/loss", 2}};
  EventFile first(state.options.output, now);
  ASSERT_TRUE(first.write());
  EXPECT_TRUE(event_files(state.options.output).empty()) << "nothing to write";
  first.add(1, scalar);
  ASSERT_TRUE(first.write());
  first.add(2, scalar);
  ASSERT_TRUE(first.write());
  EventFile second(state.options.output, now);
  second.start(2);
  second.add(2, scalar);
  ASSERT_TRUE(second.write());
  const auto files = event_files(state.options.output);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].filename(), "events.out.tfevents.1700000000.continuo.0");
  const double sec = now();
  EXPECT_EQ(
      records_of(read_text_file(files[0]).value()),
      (std::vector<std::string>{version_event(sec), scalars_event(sec, 1, scalar), scalars_event(sec, 2, scalar)}));
  EXPECT_EQ(records_of(read_text_file(files[1]).value()),
            (std::vector<std::string>{version_event(sec), start_event(sec, 2), scalars_event(sec, 2, scalar)}));
  EventFile nowhere(state.options.output / "missing", now);
  nowhere.add(1, scalar);
  EXPECT_EQ(nowhere.write().error().code, ErrorCode::io);
}

// The number that a tag has in an event, if it is there.
std::optional<float> value_of(const std::string& event, const std::string& tag) {
  const std::string key = bytes({0x0a, static_cast<int>(tag.size())}) + tag + bytes({0x15});
  const auto at = event.find(key);
  if (at == std::string::npos) return std::nullopt;
  float value = 0;
  std::memcpy(&value, event.data() + at + key.size(), sizeof value);
  return value;
}

TEST_F(EventFileTest, HistoryWritesItsNumbersAndAResumedRunANewFile) {
  state.options.tensorboard = true;
  History history(state);
  state.position.step = 1;
  history.after_step(step_record(2.5, 30, 0.5));
  history.set_validation(validation_nll(3));
  ASSERT_TRUE(history.write());
  ASSERT_TRUE(history.write()) << "nothing new";
  auto files = event_files(state.options.output);
  ASSERT_EQ(files.size(), 1U);
  const auto events = records_of(read_text_file(files[0]).value());
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(value_of(events[1], "train/loss"), 2.5F);
  EXPECT_EQ(value_of(events[1], "train/learning_rate"), 0.25F);
  EXPECT_EQ(value_of(events[1], "train/gradient_norm"), 0.5F);
  EXPECT_EQ(value_of(events[1], "tokens_per_s"), 60.0F);
  EXPECT_EQ(value_of(events[2], "validation/nll"), 3.0F);
  EXPECT_EQ(value_of(events[2], "validation/quarter_1"), 3.0F);
  EXPECT_EQ(value_of(events[2], "validation/quarter_2"), std::nullopt);

  History resumed(state);
  ASSERT_TRUE(resumed.restore());
  state.position.step = 2;
  resumed.after_step(step_record(2));
  ASSERT_TRUE(resumed.write());
  files = event_files(state.options.output);
  ASSERT_EQ(files.size(), 2U);
  const auto later = records_of(read_text_file(files[1]).value());
  ASSERT_EQ(later.size(), 3U);
  EXPECT_EQ(later[1].substr(9), bytes({0x10, 2, 0x3a, 2, 0x08, 1})) << "a session starts at step 2";
  EXPECT_EQ(value_of(later[2], "train/loss"), 2.0F);
}

TEST_F(EventFileTest, WithoutTheOptionThereIsNone) {
  History history(state);
  history.after_step(step_record(1));
  ASSERT_TRUE(history.write());
  EXPECT_TRUE(event_files(state.options.output).empty());
}

}  // namespace
}  // namespace continuo::train
