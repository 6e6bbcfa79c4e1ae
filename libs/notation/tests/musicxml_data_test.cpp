#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/rng.h"
#include "continuo/notation/musicxml.h"
#include "continuo/score/bar_grid.h"

#include "data_folder.h"
#include "musicxml_text.h"

namespace continuo::notation {
namespace {
namespace fs = std::filesystem;

std::vector<fs::path> sheets() {
  std::vector<fs::path> files;
  std::error_code code;
  for (const auto& entry : fs::recursive_directory_iterator(testing::data_folder() / "openewld", code)) {
    if (entry.path().extension() == ".mxl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The data set's own count has 56,302 note elements with a pitch.
TEST(MusicXmlData, EveryOpenEwldSheetReads) {
  const std::vector<fs::path> files = sheets();
  if (files.empty()) GTEST_SKIP() << "no OpenEWLD";
  std::size_t written = 0, grace = 0, unknown_chords = 0, odd_bars = 0, skipped = 0;
  for (const fs::path& file : files) {
    const auto sheet = read_musicxml(*read_text_file(file));
    ASSERT_TRUE(sheet.ok()) << sheet.error().in_file(file.string()).to_line();
    written += sheet->written_notes;
    grace += sheet->grace_notes;
    unknown_chords += sheet->count(MusicXmlDiagnostic::Kind::chord_symbol);
    odd_bars += sheet->count(MusicXmlDiagnostic::Kind::bar_length);
    skipped += sheet->count(MusicXmlDiagnostic::Kind::skipped);
    EXPECT_FALSE(sheet->score.title.empty()) << file;
    EXPECT_GE(sheet->score.note_count(), 10u) << file;
    EXPECT_EQ(sheet->score.tracks.back().name, "Chords") << file;
  }
  EXPECT_EQ(files.size(), 502u);
  EXPECT_EQ(written + grace, 56302u);
  EXPECT_EQ(grace, 24u);
  EXPECT_EQ(skipped, 0u);
  RecordProperty("unknown_chords", static_cast<int>(unknown_chords));
  RecordProperty("odd_bars", static_cast<int>(odd_bars));
}

// Damaged text must come back as a Result, whatever the damage.
TEST(MusicXmlData, DamagedTextNeverCrashes) {
  using testing::note;
  const std::string clean = testing::score_text(
      testing::first_measure("<barline><repeat direction=\"forward\"/></barline><sound tempo=\"90\"/><harmony><root>"
                             "<root-step>C</root-step></root><kind>dominant</kind></harmony>" +
                             note('C', 4, 3, "<tie type=\"start\"/>") + note('E', 4, 3, "", "<chord/>") +
                             note('C', 4, 5, "<tie type=\"stop\"/><staff>2</staff>") +
                             "<backup><duration>8</duration></backup><forward><duration>1</duration></forward>" +
                             note('G', 2, 7, "<voice>2</voice>")) +
          testing::measure("<barline><ending number=\"1\" type=\"start\"/></barline>" + note('D', 4, 8) +
                           "<barline><ending number=\"1\" type=\"stop\"/><repeat direction=\"backward\" times=\"2\"/>"
                           "</barline>") +
          testing::measure(
              "<barline><ending number=\"2\" type=\"start\"/></barline><attributes><time><beats>3+2</beats>"
              "<beat-type>8</beat-type></time></attributes>" +
              note('F', 4, 5)),
      "<midi-instrument id=\"I\"><midi-channel>10</midi-channel></midi-instrument>");
  const std::string alphabet = "<>/\"=' 0123456789+-.,&;CDEabc\0\xFF!?";
  const std::vector<std::string> tags = {"<chord/>", "<note>", "</measure>", "<measure>", "<grace/>", "99999999", "-1"};
  Rng rng(12);
  for (int round = 0; round < 20000; ++round) {
    std::string text = clean;
    for (std::uint64_t i = 1 + rng.below(6); i > 0; --i) {
      const std::size_t at = rng.below(text.size());
      const std::uint64_t kind = rng.below(4);
      if (kind == 0) text.erase(at, 1 + rng.below(12));
      if (kind == 1) text[at] = alphabet[rng.below(alphabet.size())];
      if (kind == 2) text.insert(at, tags[rng.below(tags.size())]);
      if (kind == 3) {
        const std::size_t digit = text.find_first_of("0123456789", at);
        if (digit != text.npos) text[digit] = static_cast<char>('0' + rng.below(10));
      }
    }
    const auto result = read_musicxml(text);
    if (!result.ok()) {
      ASSERT_FALSE(result.error().what.empty());
      continue;
    }
    const score::BarGrid grid(result->score);
    ASSERT_FALSE(grid.bars().empty());
    for (const score::Track& track : result->score.tracks) {
      for (const score::Note& n : track.notes)
        ASSERT_TRUE(n.duration.value > 0 && n.onset.value >= 0 && n.pitch < 128 && n.velocity > 0 && n.velocity < 128)
            << text;
    }
  }
}

}  // namespace
}  // namespace continuo::notation
