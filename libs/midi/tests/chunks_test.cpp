#include "continuo/midi/chunks.h"

#include <gtest/gtest.h>

#include "smf_bytes.h"

namespace continuo::midi {
namespace {

using namespace testing;

ErrorCode code_of(const Bytes& bytes) {
  Diagnostics diagnostics;
  const Result<Layout> layout = find_chunks(bytes, diagnostics);
  EXPECT_FALSE(layout.ok());
  return layout.ok() ? ErrorCode::io : layout.error().code;
}

TEST(Chunks, HeaderAndTracksAreFound) {
  const Bytes bytes = header(1, 2, 384) + chunk("MTrk", kEnd) + chunk("MTrk", kNote + kEnd);
  Diagnostics diagnostics;
  const Result<Layout> layout = find_chunks(bytes, diagnostics);
  ASSERT_TRUE(layout.ok());
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(layout->header.format, 1);
  EXPECT_EQ(layout->header.division.ticks_per_quarter(), 384);
  ASSERT_EQ(layout->tracks.size(), 2U);
  EXPECT_EQ(layout->tracks[1].offset, 14U + 8U + 4U + 8U);
  EXPECT_EQ(layout->tracks[1].bytes.size(), kNote.size() + 4U);
}

TEST(Chunks, RefusesWhatIsNoMidiFile) {
  EXPECT_EQ(code_of({}), ErrorCode::empty);
  EXPECT_EQ(code_of({'h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd'}), ErrorCode::wrong_format);
  EXPECT_EQ(code_of({'M', 'T', 'h'}), ErrorCode::truncated);
  EXPECT_EQ(code_of({'S', 'M', 'F', '2', 'C', 'L', 'I', 'P', 0}), ErrorCode::unsupported);
  EXPECT_EQ(code_of(chunk("MTrk", kEnd)), ErrorCode::malformed);
  EXPECT_EQ(code_of(header(1, 3)), ErrorCode::truncated);
  EXPECT_EQ(code_of(Bytes(kMaxFileBytes + 1)), ErrorCode::too_large);
}

TEST(Chunks, EveryCutInsideTheHeaderIsTruncated) {
  const Bytes whole = header(1, 1);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(code_of(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), ErrorCode::truncated)
        << size;
  }
}

// The place of the only defect.
std::size_t place_of(Defect defect, const Bytes& bytes) {
  Diagnostics diagnostics;
  const Result<Layout> layout = find_chunks(bytes, diagnostics);
  EXPECT_TRUE(layout.ok());
  EXPECT_EQ(diagnostics.kept().size(), 1U);
  EXPECT_TRUE(diagnostics.contains(defect));
  return diagnostics.kept().front().offset;
}

TEST(Chunks, DefectsOfTheHeaderHaveTheirPlaces) {
  EXPECT_EQ(place_of(Defect::unknown_format, header(3, 1) + chunk("MTrk", kEnd)), 8U);
  EXPECT_EQ(place_of(Defect::leading_bytes, Bytes{1, 2, 3} + header(1, 1) + chunk("MTrk", kEnd)), 0U);
  EXPECT_EQ(place_of(Defect::extra_tracks, header(1, 0) + chunk("MTrk", kEnd)), 10U);
  EXPECT_EQ(place_of(Defect::missing_tracks, header(1, 2) + chunk("MTrk", kEnd)), header(1, 2).size() + 12U);
}

TEST(Chunks, OtherChunksAreSkippedInSilence) {
  const Bytes bytes = header(1, 1) + chunk("XFIH", {1, 2, 3}) + chunk("MTrk", kEnd) + chunk("abcd", {});
  Diagnostics diagnostics;
  const Result<Layout> layout = find_chunks(bytes, diagnostics);
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->tracks.size(), 1U);
  EXPECT_TRUE(diagnostics.empty());
}

TEST(Chunks, RiffIsUnwrapped) {
  const Bytes smf = one_track(kNote + kEnd);
  const auto size = static_cast<std::uint8_t>(smf.size());
  const Bytes bytes = Bytes{'R', 'I', 'F', 'F', 99, 0, 0, 0, 'R', 'M', 'I', 'D', 'd', 'a', 't', 'a', size, 0, 0, 0} +
                      smf + Bytes{0, 'L', 'I', 'S', 'T', 4, 0, 0, 0, 1, 2, 3, 4};
  Diagnostics diagnostics;
  const Result<Layout> layout = find_chunks(bytes, diagnostics);
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->tracks.size(), 1U);
  EXPECT_TRUE(diagnostics.empty());
}

struct DefectCase {
  const char* name;
  Bytes bytes;
  std::size_t tracks;
  Defect defect;
};

class ChunkDefects : public ::testing::TestWithParam<DefectCase> {};

TEST_P(ChunkDefects, AreReadAroundAndNoted) {
  Diagnostics diagnostics;
  const Result<Layout> layout = find_chunks(GetParam().bytes, diagnostics);
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->tracks.size(), GetParam().tracks);
  EXPECT_TRUE(diagnostics.contains(GetParam().defect));
  EXPECT_EQ(diagnostics.count(), 1U);
}

Bytes resized(Bytes chunk_bytes, std::uint8_t size) {
  chunk_bytes[7] = size;
  return chunk_bytes;
}

const Bytes kTrack = chunk("MTrk", kNote + kEnd);

INSTANTIATE_TEST_SUITE_P(
    All, ChunkDefects,
    ::testing::Values(
        DefectCase{"leading_bytes", Bytes(128, 7) + header(0, 1) + kTrack, 1, Defect::leading_bytes},
        DefectCase{"long_header", resized(header(0, 1), 8) + Bytes{0, 0} + kTrack, 1, Defect::odd_header_size},
        DefectCase{"wrong_header_size", resized(header(0, 1), 5) + kTrack, 1, Defect::odd_header_size},
        DefectCase{"format_5", header(5, 1) + kTrack, 1, Defect::unknown_format},
        DefectCase{"missing", header(1, 3) + kTrack + kTrack, 2, Defect::missing_tracks},
        DefectCase{"extra", header(1, 1) + kTrack + kTrack, 2, Defect::extra_tracks},
        DefectCase{"size_too_small", header(1, 2) + resized(kTrack, 5) + kTrack, 2, Defect::wrong_chunk_size},
        DefectCase{"size_too_large", header(1, 2) + resized(kTrack, 200) + kTrack, 2, Defect::wrong_chunk_size},
        DefectCase{"rubbish_behind", header(0, 1) + kTrack + Bytes{0, 1, 2, 3, 4}, 1, Defect::trailing_bytes},
        DefectCase{"second_file_behind", header(0, 1) + kTrack + header(0, 1) + kTrack, 1, Defect::trailing_bytes}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Division, SmpteIsTakenApart) {
  const Division division{0xE728};
  EXPECT_TRUE(division.is_smpte());
  EXPECT_EQ(division.frames_per_second(), 25);
  EXPECT_EQ(division.ticks_per_frame(), 40);
  EXPECT_FALSE(Division::per_quarter(24576).is_smpte());
  EXPECT_EQ(Division{0xFFFF}.frames_per_second(), 1);
}

}  // namespace
}  // namespace continuo::midi
