#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/rng.h"
#include "continuo/notation/musicxml.h"

#include "data_folder.h"
#include "musicxml_fuzz.h"

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
    unknown_chords += sheet->diagnostics.count(DiagnosticKind::chord_symbol);
    odd_bars += sheet->diagnostics.count(DiagnosticKind::bar_length);
    skipped += sheet->diagnostics.count(DiagnosticKind::skipped);
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
  const auto seeds = musicxml_seeds();
  const std::vector<std::string> pieces = {"<chord/>",   "<note>", "</measure>", "<measure>", "<grace/>",
                                           "999999999",  "-1",     "0.001",      "&lt;",      "<!--",
                                           "<duration>", "yes",    "\"",         "\xFF",      "<part id=\"Q\">"};
  Rng rng(12);
  for (int round = 0; round < 20000; ++round) {
    const auto& seed = seeds[rng.below(seeds.size())];
    std::string text(seed.begin(), seed.end());
    for (std::uint64_t i = 1 + rng.below(6); i > 0; --i) {
      const std::size_t at = rng.below(text.size());
      const std::string& piece = pieces[rng.below(pieces.size())];
      const std::size_t digit = text.find_first_of("0123456789", at);
      switch (rng.below(4)) {
        case 0:
          text.erase(at, 1 + rng.below(12));
          break;
        case 1:
          text[at] = static_cast<char>(rng.below(256));
          break;
        case 2:
          text.insert(at, piece);
          break;
        default:
          if (digit != text.npos) text.replace(digit, 1, rng.below(4) == 0 ? piece : std::to_string(rng.below(100)));
      }
    }
    ASSERT_EQ(fuzz_musicxml({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}), "") << text;
  }
}

}  // namespace
}  // namespace continuo::notation
