#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/rng.h"
#include "continuo/notation/abc.h"
#include "continuo/notation/notation.h"

#include "abc_fuzz.h"

namespace continuo::notation {
namespace {
namespace fs = std::filesystem;

fs::path data_folder() {
  const char* given = std::getenv("CONTINUO_DATA");
  return given != nullptr ? fs::path(given) : fs::path(CONTINUO_SOURCE_DIR) / ".." / "shared" / "data";
}

std::vector<fs::path> abc_files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
    if (entry.path().extension() == ".abc") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(AbcCorpus, EveryExampleReadsStrictlyWithoutDiagnostics) {
  const std::vector<fs::path> files = abc_files_below(fs::path(CONTINUO_SOURCE_DIR) / "examples" / "corpus");
  if (files.empty()) GTEST_SKIP() << "examples/corpus holds no .abc file";
  AbcOptions options;
  options.strict = true;
  for (const fs::path& file : files) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text.ok()) << text.error().to_line();
    const auto book = read_abc_book(*text, options);
    ASSERT_TRUE(book.ok()) << book.error().in_file(file.string()).to_line();
    for (const Diagnostic& diagnostic : book->diagnostics.kept())
      EXPECT_EQ(diagnostic.kind, DiagnosticKind::left_out) << file << ": " << diagnostic.to_line();
  }
}

TEST(AbcData, EveryCleanedNottinghamTuneReads) {
  const std::vector<fs::path> files = abc_files_below(data_folder() / "nottingham" / "ABC_cleaned");
  if (files.empty()) GTEST_SKIP() << "no Nottingham data";
  std::size_t tunes = 0, rejected = 0, bars = 0;
  for (const fs::path& file : files) {
    const auto book = read_abc_book(*read_text_file(file));
    ASSERT_TRUE(book.ok()) << book.error().in_file(file.string()).to_line();
    tunes += book->tunes.size();
    rejected += book->diagnostics.count(DiagnosticKind::rejected_tune);
    bars += book->diagnostics.count(DiagnosticKind::bar_length);
  }
  EXPECT_EQ(tunes, 1034u);
  EXPECT_EQ(rejected, 0u);
  EXPECT_LE(bars, 100u);
}

TEST(AbcData, EveryAbcFileReadsInTolerantMode) {
  const std::vector<fs::path> files = abc_files_below(data_folder());
  if (files.empty()) GTEST_SKIP() << "no ABC data";
  for (const fs::path& file : files) {
    const auto book = read_abc_book(*read_text_file(file));
    EXPECT_TRUE(book.ok()) << book.error().in_file(file.string()).to_line();
    EXPECT_LE(book->diagnostics.count(DiagnosticKind::rejected_tune) * 50, book->tunes.size()) << file;
  }
}

// The melody of a tune as its MIDI twin has it: pitches and lengths in order. The twins were made by another program,
// which leaves ties and accidentals inside a bar alone and plays parts in the order of a field of its own, so that
// about half of them agree to the last note, and nearly all in how they begin.
struct Agreement {
  std::size_t twins = 0, wholly = 0, in_the_beginning = 0;
};

bool agree(const std::vector<score::Note>& ours, const std::vector<score::Note>& theirs, double scale,
           std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const double length = static_cast<double>(theirs[i].duration.value) * scale;
    if (ours[i].pitch != theirs[i].pitch) return false;
    if (std::abs(length - static_cast<double>(ours[i].duration.value)) > 3) return false;
  }
  return true;
}

void compare(const score::Score& ours, const score::Score& theirs, Agreement& agreement) {
  ++agreement.twins;
  const std::vector<score::Note>& a = ours.tracks[0].notes;
  const auto melody =
      std::find_if(theirs.tracks.begin(), theirs.tracks.end(), [](const score::Track& t) { return !t.notes.empty(); });
  if (melody == theirs.tracks.end()) return;
  const std::vector<score::Note>& b = melody->notes;
  const double scale = static_cast<double>(ours.ticks_per_quarter) / theirs.ticks_per_quarter;
  const std::size_t beginning = std::min({a.size(), b.size(), std::size_t{8}});
  agreement.in_the_beginning += agree(a, b, scale, beginning) ? 1 : 0;
  agreement.wholly += a.size() == b.size() && agree(a, b, scale, a.size()) ? 1 : 0;
}

TEST(AbcData, NottinghamTunesAgreeWithTheirMidiTwins) {
  const fs::path folder = data_folder() / "nottingham";
  Agreement agreement;
  for (const fs::path& file : abc_files_below(folder / "ABC_cleaned")) {
    const auto tunes = read_abc(*read_text_file(file));
    ASSERT_TRUE(tunes.ok());
    for (std::size_t i = 0; i < tunes->size(); ++i) {
      const auto twin = read_score(folder / "MIDI" / (file.stem().string() + std::to_string(i + 1) + ".mid"));
      if (twin.ok()) compare((*tunes)[i], *twin, agreement);
    }
  }
  if (agreement.twins == 0) GTEST_SKIP() << "no Nottingham data";
  RecordProperty("wholly", static_cast<int>(agreement.wholly));
  RecordProperty("in_the_beginning", static_cast<int>(agreement.in_the_beginning));
  EXPECT_GT(agreement.twins, 1000u);
  EXPECT_GE(agreement.wholly * 100, agreement.twins * 45) << agreement.wholly << " of " << agreement.twins;
  EXPECT_GE(agreement.in_the_beginning * 100, agreement.twins * 90)
      << agreement.in_the_beginning << " of " << agreement.twins;
}

// Damaged text must come back as a Result, whatever the damage.
TEST(AbcData, DamagedTextNeverCrashes) {
  const auto seed = abc_seeds().front();
  const std::string clean(seed.begin(), seed.end());
  const std::string alphabet = "|:[]()\"!{}+-<>&/0123459^_=,'zZXKVMLQPw*~. \n\rabcABC%\\";
  Rng rng(11);
  for (int round = 0; round < 20000; ++round) {
    std::string text = clean;
    for (std::uint64_t i = 1 + rng.below(8); i > 0; --i) {
      const std::size_t at = rng.below(text.size());
      const char c = alphabet[rng.below(alphabet.size())];
      if (rng.below(3) == 0) {
        text.erase(at, 1 + rng.below(4));
      } else if (rng.below(2) == 0) {
        text.insert(at, 1, c);
      } else {
        text[at] = c;
      }
    }
    ASSERT_EQ(fuzz_abc({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}), "") << text;
    AbcOptions strict;
    strict.strict = true;
    (void)read_abc_book(text, strict);
  }
}

}  // namespace
}  // namespace continuo::notation
