#include <string>

#include <gtest/gtest.h>

#include "continuo/notation/abc.h"
#include "continuo/notation/musicxml.h"
#include "continuo/notation/notation.h"

#include "musicxml_text.h"

// What a file calls itself, its parts and its chords may be megabytes long. No message and no name repeats them.
namespace continuo::notation {
namespace {

const std::string kName(2'000'000, 'x');
constexpr std::size_t kLongestLine = 400;

void expect_short(const Diagnostics& diagnostics) {
  EXPECT_FALSE(diagnostics.empty());
  for (const Diagnostic& each : diagnostics.kept())
    EXPECT_LT(each.to_line().size(), kLongestLine) << each.what.substr(0, 80);
  for (const std::string& line : diagnostics.summary()) EXPECT_LT(line.size(), kLongestLine) << line.substr(0, 80);
}

void expect_short(const score::Score& score) {
  EXPECT_LE(score.title.size(), 1024u);
  for (const score::Track& track : score.tracks) EXPECT_LE(track.name.size(), 1024u);
  for (const score::Marker& marker : score.markers) EXPECT_LE(marker.text.size(), 1024u);
  for (const score::ChordSymbol& chord : score.chord_symbols) EXPECT_LE(chord.text.size(), 2048u);
}

class AbcNames : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(AbcNames, AreNotRepeated) {
  const auto& text = GetParam().second;
  const Result<AbcBook> book = read_abc_book(text);
  if (book.ok()) {
    expect_short(book->diagnostics);
    expect_short(book->tunes.front().score);
  } else {
    EXPECT_LT(book.error().to_line().size(), kLongestLine);
  }
  const Result<AbcBook> strict = read_abc_book(text, {.strict = true});
  if (strict.ok()) return;
  EXPECT_LT(strict.error().to_line().size(), kLongestLine);
}

INSTANTIATE_TEST_SUITE_P(All, AbcNames,
                         ::testing::Values(std::pair{"title", "X:1\nT:" + kName + "\nM:4/4\nL:1/4\nK:C\nC]C|\n"},
                                           std::pair{"number", "X:" + kName + "\nM:4/4\nL:1/4\nK:C\nC]C|\n"},
                                           std::pair{"chord", "X:1\nK:C\n\"" + kName + "\"C|\n"},
                                           std::pair{"marker", "X:1\nK:C\nP:" + kName + "\nC]|\n"},
                                           std::pair{"voice", "X:1\nK:C\nV:" + kName + "\nC|\nV:2\nC|C|\n"},
                                           std::pair{"voice_name", "X:1\nK:C\nV:1 name=\"" + kName + "\"\nC]|\n"},
                                           std::pair{"key", "X:1\nK:" + kName + "\nC]|\n"},
                                           std::pair{"meter", "X:1\nM:" + kName + "\nK:C\nC|\n"},
                                           std::pair{"tempo", "X:1\nQ:" + kName + "\nK:C\nC]|\n"},
                                           std::pair{"nothing", "X:1\nT:" + kName + "\nK:C\n|\n"}),
                         [](const auto& test) { return test.param.first; });

class MusicXmlNames : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(MusicXmlNames, AreNotRepeated) {
  const Result<MusicXmlScore> sheet = read_musicxml(GetParam().second);
  if (sheet.ok()) {
    expect_short(sheet->diagnostics);
    expect_short(sheet->score);
  } else {
    EXPECT_LT(sheet.error().to_line().size(), kLongestLine);
  }
}

std::string harmony(const std::string& kind) {
  return "<harmony><root><root-step>C</root-step></root>" + kind + "</harmony>" + testing::note('C', 4, 4);
}

std::string many(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    All, MusicXmlNames,
    ::testing::Values(
        std::pair{"measure", testing::score_text("<measure number=\"" + kName + "\">" + testing::note('C', 99, 4) +
                                                 testing::note('C', 4, 4) + "</measure>")},
        std::pair{"part", "<score-partwise><part id=\"" + kName + "\"><measure number=\"1\">" +
                              testing::note('C', 99, 4) + testing::note('C', 4, 4) +
                              "</measure></part></score-partwise>"},
        std::pair{"chord", testing::score_text(testing::measure(harmony("<kind text=\"" + kName + "\">other</kind>")))},
        std::pair{"degrees",
                  testing::score_text(testing::measure(harmony(
                      "<kind>other</kind>" +
                      many("<degree><degree-value>5</degree-value><degree-type>add</degree-type></degree>", 9999))))},
        std::pair{"root", "<" + kName + "></" + kName + ">"}, std::pair{"end", "<score-partwise></" + kName + ">"}),
    [](const auto& test) { return test.param.first; });

TEST(HostileNames, OfAbcHaveALimitOfSize) {
  const std::string large = "X:1\nK:C\nC|\n%" + std::string(std::size_t{16} << 20, ' ');
  EXPECT_EQ(read_abc_book(large).error().code, ErrorCode::too_large);
  EXPECT_EQ(read_music(large).error().code, ErrorCode::too_large);
  EXPECT_TRUE(read_abc_book(large.substr(0, std::size_t{16} << 20)).ok());
}

// Each of them once looked for its end through the whole line.
TEST(HostileNames, BeginningsWithoutAnEndTakeLittleTime) {
  for (const char* beginning : {"{", "[X:", "!", "+", "\"", "[\""}) {
    const Result<AbcBook> book = read_abc_book("X:1\nK:C\nC" + many(beginning, 100'000) + "\n");
    EXPECT_TRUE(book.ok()) << beginning;
  }
}

}  // namespace
}  // namespace continuo::notation
