#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "continuo/notation/abc.h"
#include "continuo/score/bar_grid.h"

namespace continuo::notation {
namespace {

using score::Note;
using score::Score;
using score::Ticks;

// Notes as "pitch@onset+duration", in ticks (480 to the quarter).
std::string note_list(const score::Track& track) {
  std::string text;
  for (const Note& n : track.notes) {
    if (!text.empty()) text += ' ';
    text += std::to_string(n.pitch) + "@" + std::to_string(n.onset.value) + "+" + std::to_string(n.duration.value);
  }
  return text;
}

std::string pitches(const score::Track& track) {
  std::string text;
  for (const Note& n : track.notes) text += (text.empty() ? "" : " ") + std::to_string(n.pitch);
  return text;
}

AbcBook read(std::string_view text, bool strict = true) {
  AbcOptions options;
  options.strict = strict;
  Result<AbcBook> book = read_abc_book(text, options);
  EXPECT_TRUE(book.ok()) << (book.ok() ? "" : book.error().to_line()) << "\n" << text;
  return book.ok() ? *book : AbcBook{};
}

Score tune(std::string_view text) {
  AbcBook book = read(text);
  return book.tunes.empty() ? Score{} : book.tunes.front().score;
}

struct Case {
  const char* claim;
  const char* header;  // between X: and K:, with K: itself
  const char* music;
  const char* expected;
};

class AbcNotes : public testing::TestWithParam<Case> {};

TEST_P(AbcNotes, AreAsExpected) {
  const Case& c = GetParam();
  const Score score = tune("X:1\n" + std::string(c.header) + "\n" + c.music + "\n");
  ASSERT_FALSE(score.tracks.empty());
  EXPECT_EQ(note_list(score.tracks[0]), c.expected);
}

constexpr const char* kFree = "M:none\nL:1/4\nK:C";

INSTANTIATE_TEST_SUITE_P(
    Spelling, AbcNotes,
    testing::Values(
        Case{"octaves", kFree, "C, C c c'", "48@0+480 60@480+480 72@960+480 84@1440+480"},
        Case{"lengths", kFree, "C2 C/ C// C3/2 C/4", "60@0+960 60@960+240 60@1200+120 60@1320+720 60@2040+120"},
        Case{"sixty_fourths", "M:none\nL:1/64\nK:C", "C(3CCC", "60@0+30 60@30+20 60@50+20 60@70+20"},
        Case{"default_unit_4_4", "M:4/4\nK:C", "z4 C4|", "60@960+960"},
        Case{"default_unit_2_4", "M:2/4\nK:C", "z4 C4|", "60@480+480"},
        Case{"default_unit_3_4", "M:3/4\nK:C", "z4 C2|", "60@960+480"},
        Case{"broken_rhythm", kFree, "C>D E<F", "60@0+720 62@720+240 64@960+240 65@1200+720"},
        Case{"double_broken_rhythm", kFree, "C>>D E<<F", "60@0+840 62@840+120 64@960+120 65@1080+840"},
        Case{"accidentals", kFree, "^C __D =E ^^F _G", "61@0+480 60@480+480 64@960+480 67@1440+480 66@1920+480"},
        Case{"key_signature", "M:none\nL:1/4\nK:D", "F C =F", "66@0+480 61@480+480 65@960+480"},
        Case{"tie_inside", kFree, "C-C D", "60@0+960 62@960+480"},
        Case{"chord", kFree, "[CEG]2 C", "60@0+960 64@0+960 67@0+960 60@960+480"},
        Case{"chord_inner_lengths", kFree, "[C2E2] D", "60@0+960 64@0+960 62@960+480"},
        Case{"chord_tie_of_one_note", kFree, "[C-E] [CF]", "60@0+960 64@0+480 65@480+480"},
        Case{"triplet", "M:4/4\nL:1/8\nK:C", "(3CDE F6|", "60@0+160 62@160+160 64@320+160 65@480+1440"},
        Case{"duplet", "M:6/8\nL:1/8\nK:C", "(2CD E3|", "60@0+360 62@360+360 64@720+720"},
        Case{"quintuplet_compound", "M:6/8\nL:1/8\nK:C", "(5CCCCC D3|",
             "60@0+144 60@144+144 60@288+144 60@432+144 60@576+144 62@720+720"},
        Case{"tuplet_p_q_r", "M:4/4\nL:1/8\nK:C", "(3:2:2 C2D E6|", "60@0+320 62@320+160 64@480+1440"},
        Case{"tuplet_default_q", "M:4/4\nL:1/8\nK:C", "(3::4 CDEF G4 z|",
             "60@0+160 62@160+160 64@320+160 65@480+160 67@640+960"},
        Case{"slur_is_no_tuplet", kFree, "(CD)", "60@0+480 62@480+480"},
        Case{"rests", kFree, "z C x/ D", "60@480+480 62@1200+480"},
        Case{"bars_of_rest", "M:3/4\nL:1/4\nK:C", "Z2|C3|", "60@2880+1440"},
        Case{"decorations", kFree, "!trill!C .D ~E TF uG !f!A",
             "60@0+480 62@480+480 64@960+480 65@1440+480 67@1920+480 69@2400+480"},
        Case{"annotations", kFree, "\"^slow\"C \"_x\"D", "60@0+480 62@480+480"},
        Case{"comment_and_continuation", kFree, "C D \\ % to the end\nE", "60@0+480 62@480+480 64@960+480"},
        Case{"lyrics", kFree, "C D\nw: ge-duld\nE", "60@0+480 62@480+480 64@960+480"},
        Case{"inline_fields", kFree, "C [K:D] C [L:1/8] C", "60@0+480 61@480+480 61@960+240"},
        Case{"clef_8_down", "M:none\nL:1/4\nK:C treble-8", "c", "60@0+480"},
        Case{"overlay_shorter_than_the_bar_with_broken_rhythm", "M:4/4\nL:1/4\nK:C", "CDEF & G>A|c4|",
             "60@0+480 67@0+720 62@480+480 69@720+240 64@960+480 65@1440+480 72@1920+1920"},
        Case{"overlay", "M:2/4\nL:1/4\nK:C", "C D & E2|F2|", "60@0+480 64@0+960 62@480+480 65@960+960"}),
    [](const auto& c) { return std::string(c.param.claim); });

struct PitchCase {
  const char* claim;
  const char* header;
  const char* music;
  const char* expected;
};

class AbcPitches : public testing::TestWithParam<PitchCase> {};

TEST_P(AbcPitches, AreAsExpected) {
  const PitchCase& c = GetParam();
  const Score score = tune("X:1\n" + std::string(c.header) + "\n" + c.music + "\n");
  ASSERT_FALSE(score.tracks.empty());
  EXPECT_EQ(pitches(score.tracks[0]), c.expected);
}

constexpr const char* kWhole = "M:4/4\nL:1/1\nK:C";

INSTANTIATE_TEST_SUITE_P(AccidentalsAndKeys, AbcPitches,
                         testing::Values(PitchCase{"hold_to_the_bar", "M:2/4\nL:1/4\nK:C", "^FF|FF|", "66 66 65 65"},
                                         PitchCase{"hold_in_their_octave", "M:2/4\nL:1/4\nK:C", "^Ff|", "66 77"},
                                         PitchCase{"hold_by_directive",
                                                   "M:2/4\nL:1/4\nI:propagate-accidentals pitch\nK:C", "^Ff|", "66 78"},
                                         PitchCase{"tie_over_the_bar", "M:2/4\nL:1/4\nK:C", "C^F-|FF|", "60 66 65"},
                                         PitchCase{"dorian", "M:none\nK:D dor", "DEFGABc", "62 64 65 67 69 71 72"},
                                         PitchCase{"minor", "M:none\nK:Am", "F", "65"},
                                         PitchCase{"minor_word", "M:none\nK:F# minor", "FGA", "66 68 69"},
                                         PitchCase{"mixolydian", "M:none\nK:AMix", "FGc", "66 67 73"},
                                         PitchCase{"lydian", "M:none\nK:FLyd", "B", "71"},
                                         PitchCase{"phrygian", "M:none\nK:Ephr", "F", "65"},
                                         PitchCase{"locrian", "M:none\nK:Bloc", "F", "65"},
                                         PitchCase{"ionian", "M:none\nK:G ionian", "F", "66"},
                                         PitchCase{"aeolian", "M:none\nK:G aeolian", "BE", "70 63"},
                                         PitchCase{"flats", "M:none\nK:Eb", "BEAD", "70 63 68 62"},
                                         PitchCase{"pipes", "M:none\nK:Hp", "FCG", "66 61 67"},
                                         PitchCase{"pipes_unsigned", "M:none\nK:HP", "FCG", "65 60 67"},
                                         PitchCase{"none", "M:none\nK:none", "FCG", "65 60 67"},
                                         PitchCase{"explicit_added", "M:none\nK:D phr ^f", "FBE", "66 70 63"},
                                         PitchCase{"explicit_alone", "M:none\nK:D exp _b _e ^f", "FBEC", "66 70 63 60"},
                                         PitchCase{"eight_sharps", "M:none\nK:G#", "FC", "67 61"}),
                         [](const auto& c) { return std::string(c.param.claim); });

INSTANTIATE_TEST_SUITE_P(
    Parts, AbcPitches,
    testing::Values(
        PitchCase{"in_the_order_of_the_header", "L:1/1\nM:4/4\nP:ABBA\nK:C", "P:A\nC|D||\nP:B\nE|",
                  "60 62 64 64 60 62"},
        PitchCase{"groups_and_numbers", "L:1/1\nM:4/4\nP:(A.B2)2C\nK:C", "P:A\nC|\nP:B\nD|\nP:C\nE|",
                  "60 62 62 60 62 62 64"},
        PitchCase{"groups_in_groups", "L:1/1\nM:4/4\nP:((AB)2 A)2\nK:C", "P:A\nC|\nP:B\nD|",
                  "60 62 60 62 60 60 62 60 62 60"},
        PitchCase{"with_their_repeats", "L:1/1\nM:4/4\nP:BA\nK:C", "P:A\nC|D:|\nP:B\nE|F:|", "64 65 64 65 60 62 60 62"},
        PitchCase{"after_what_comes_before_them", "L:1/1\nM:4/4\nP:BA\nK:C", "G|\nP:A\nC|\nP:B\nD|", "67 62 60"},
        PitchCase{"inside_a_bar", "L:1/2\nM:4/4\nP:BA\nK:C", "P:A\nC[P:B]D|EF|", "62 64 65 60"},
        PitchCase{"that_repeat_signs_repeat_as_well", "L:1/1\nM:4/4\nP:AAB\nK:C", "P:A\nC|D:|\nP:B\nE|",
                  "60 62 60 62 64"},
        PitchCase{"without_an_order", "L:1/1\nM:4/4\nK:C", "P:A\nC|\nP:B\nD|", "60 62"},
        PitchCase{"without_labels", "L:1/1\nM:4/4\nP:AB\nK:C", "C|D|", "60 62"}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(AbcReader, OrderOfPartsThatCannotBeIsReported) {
  for (const char* order : {"A)", "(A", "A,B", "((((A99)99)99)99)", "A0"}) {
    const AbcBook book = read("X:1\nL:1/1\nP:" + std::string(order) + "\nK:C\nP:A\nC|\nP:B\nD|\n", false);
    EXPECT_EQ(book.diagnostics.count(DiagnosticKind::skipped), 1u) << order;
    EXPECT_EQ(pitches(book.tunes.at(0).score.tracks[0]), "60 62") << order;
  }
  const AbcBook book = read("X:1\nL:1/1\nP:AXB\nK:C\nP:A\nC|\nP:B\nD|\n", false);
  EXPECT_EQ(book.diagnostics.kept()[0].what, "P: names a part that the tune does not have: X");
  EXPECT_EQ(pitches(book.tunes.at(0).score.tracks[0]), "60 62");
}

TEST(AbcReader, PartsOfVoicesAreOrderedTogether) {
  const Score score = tune("X:1\nL:1/1\nM:4/4\nP:BA\nK:C\nV:1\nP:A\nc|\nP:B\nd|\nV:2\nC|D|\n");
  EXPECT_EQ(pitches(score.tracks[0]), "74 72");
  EXPECT_EQ(pitches(score.tracks[1]), "62 60");
}

INSTANTIATE_TEST_SUITE_P(
    Repeats, AbcPitches,
    testing::Values(PitchCase{"plain", kWhole, "C|D|", "60 62"},
                    PitchCase{"from_the_beginning", kWhole, "C|D:|E|", "60 62 60 62 64"},
                    PitchCase{"start_and_end", kWhole, "C|:D:|E|", "60 62 62 64"},
                    PitchCase{"double_colon", kWhole, "C::D:|", "60 60 62 62"},
                    PitchCase{"end_start_variants", kWhole, "|:C:||:D:|:E:|", "60 60 62 62 64 64"},
                    PitchCase{"three_times", kWhole, "|::C::|D|", "60 60 60 62"},
                    PitchCase{"from_the_double_bar", kWhole, "C||D:|", "60 62 62"},
                    PitchCase{"double_bar_inside_a_repeat", kWhole, "|:C||D:|", "60 62 60 62"},
                    PitchCase{"inner_start", kWhole, "|:C|:D:|E|]", "60 62 62 64"},
                    PitchCase{"endings", kWhole, "|:C|[1D:|[2E|]", "60 62 60 64"},
                    PitchCase{"endings_short_form", kWhole, "|:C|1D:|2E||F|", "60 62 60 64 65"},
                    PitchCase{"endings_after_space", kWhole, "|:C | [1 D :| [2 E || F |", "60 62 60 64 65"},
                    PitchCase{"ending_lists", kWhole, "|:C|[1,3D:|[2E:|[4F|]", "60 62 60 64 60 62 60 65"},
                    PitchCase{"ending_ranges", kWhole, "|:C|[1-2D:|[3E|]", "60 62 60 62 60 64"},
                    PitchCase{"long_endings", kWhole, "|:C|[1D|E:|[2F|G||A|", "60 62 64 60 65 67 69"},
                    PitchCase{"two_strains_with_endings", kWhole, "|:C|1D:|2E||F|1G:|2A|]", "60 62 60 64 65 67 65 69"},
                    PitchCase{"last_ending_closed_by_repeat_sign", kWhole, "|:C|1D:|2E:|F|", "60 62 60 64 65"},
                    PitchCase{"first_ending_alone", kWhole, "|:C|[1D:|E|", "60 62 60 64"},
                    PitchCase{"across_lines", kWhole, "|:C|\n[1 D:|\n[2 E|]", "60 62 60 64"},
                    PitchCase{"da_capo_al_fine", kWhole, "C!fine!|D!D.C.!|]", "60 62 60"},
                    PitchCase{"coda_with_its_own_repeat", kWhole, "C|D!dacoda!|E!D.C.alcoda!|:!coda!F|G:|",
                              "60 62 64 60 62 65 67 65 67"},
                    PitchCase{"fine_after_its_bar_line", kWhole, "C|!fine!D|E!D.C.!|]", "60 62 64 60"},
                    PitchCase{"fine_before_the_first_note", kWhole, "!fine!C|D!D.C.!|]", "60 62 60"},
                    PitchCase{"dal_segno_al_coda", kWhole, "C|SD!coda!|E!D.S.!|!coda!F|]", "60 62 64 62 65"}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(AbcReader, EveryTuneOfABookIsAScore) {
  const AbcBook book =
      read("%abc-2.1\nL:1/4\n\nX:1\nT:One\nK:C\nC|\n\nsome words\n\nX:2\nT:Two\nK:G\nF|\nX:3\nK:C\nE|");
  ASSERT_EQ(book.tunes.size(), 3u);
  EXPECT_EQ(book.tunes[0].score.title, "One");
  EXPECT_EQ(book.tunes[1].score.title, "Two");
  EXPECT_EQ(note_list(book.tunes[1].score.tracks[0]), "66@0+480");
}

TEST(AbcReader, UnexpectedCharactersAreNamedWhereTheyCanBePrinted) {
  const AbcBook book = read("X:1\nK:C\nC?D|\nE\x01|\nF\xC3\xA9|\n", false);
  ASSERT_GE(book.diagnostics.kept().size(), 3u);
  EXPECT_EQ(book.diagnostics.kept()[0].what, "an unexpected character '?'");
  EXPECT_EQ(book.diagnostics.kept()[1].what, "an unexpected character");
  EXPECT_EQ(book.diagnostics.kept()[2].what, "an unexpected character");
}

TEST(AbcReader, KeyNone_HasNoSignature) {
  for (const char* key : {"K:none", "K:", "K: NONE"}) {
    const Score score = tune("X:1\nL:1/4\n" + std::string(key) + "\nC|[K:G]F|[K:none]F|\n");
    ASSERT_EQ(score.key_signatures.size(), 1u) << key;
    EXPECT_EQ(score.key_signatures[0].name(), "G major");
    EXPECT_EQ(pitches(score.tracks[0]), "60 66 65");
  }
}

TEST(AbcReader, TemposOfTheHeader) {
  const std::pair<const char*, double> cases[] = {
      {"100", 50},        {"1/4=100", 100},         {"3/8=100", 150},        {"C=100", 50},     {"C3=100", 150},
      {"1/4 1/8=60", 90}, {"\"fast\" 1/2=60", 120}, {"1/4=90 \"slow\"", 90}, {"1/4=80.5", 80.5}};
  for (const auto& [text, quarters_per_minute] : cases) {
    const Score score = tune("X:1\nL:1/8\nQ:" + std::string(text) + "\nK:C\nC|\n");
    ASSERT_EQ(score.tempos.size(), 1u) << text;
    EXPECT_NEAR(score.tempos[0].quarters_per_minute(), quarters_per_minute, 0.001) << text;
  }
  EXPECT_TRUE(tune("X:1\nQ:\"fast\"\nK:C\nC|\n").tempos.empty());
}

TEST(AbcReader, ProblemsNameTheTune) {
  const AbcBook book = read("X:7\nK:C\nC?D|\n\nX:8\nT:Title\nK:C\nC?D|\n", false);
  ASSERT_EQ(book.diagnostics.kept().size(), 2u);
  EXPECT_EQ(book.diagnostics.kept()[0].place, "line 3, column 2 (7)");
  EXPECT_EQ(book.diagnostics.kept()[1].place, "line 8, column 2 (Title)");
}

TEST(AbcReader, LinesEndInAnyWay) {
  const std::string lines = "X:1\nT:a\nL:1/4\nK:C\nCD|\n% end\n\nX:2\nK:C\nE|\n";
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const char c : lines) text += c == '\n' ? end : std::string(1, c);
    const AbcBook book = read(text);
    ASSERT_EQ(book.tunes.size(), 2u);
    EXPECT_EQ(pitches(book.tunes[0].score.tracks[0]), "60 62");
    EXPECT_EQ(pitches(book.tunes[1].score.tracks[0]), "64");
  }
}

TEST(AbcReader, TextInAHeaderIsNoMusic) {
  const auto notes = [](const std::string& header, std::size_t problems) {
    const AbcBook book = read("X:1\nT:A title\n" + header + "L:1/4\nK:C\nCDEF|\n", false);
    EXPECT_EQ(book.diagnostics.count(DiagnosticKind::skipped), problems) << header;
    return book.tunes.empty() ? "" : pitches(book.tunes[0].score.tracks[0]);
  };
  EXPECT_EQ(notes("H:This air was played\nby a blind fiddler.\nA second line.\n", 0), "60 62 64 65");
  EXPECT_EQ(notes("H:history\nR:reel\nfree text\n", 1), "60 62 64 65");
  EXPECT_EQ(notes("that a mail program has\nbroken\n", 2), "60 62 64 65");
  EXPECT_EQ(notes("GA|B\n", 1).substr(0, 8), "67 69 71") << "a bar line says that it is music";
}

TEST(AbcReader, ARepeatGoesBackToTheTempoOfItsPlace) {
  const Score score = tune("X:1\nM:4/4\nL:1/4\nQ:1/4=60\nK:C\n|:CDEF|[Q:1/4=100]GABc:|cBAG|]\n");
  std::vector<std::pair<std::int64_t, int>> tempos;
  for (const score::Tempo& tempo : score.tempos)
    tempos.emplace_back(tempo.onset.value, 60'000'000 / tempo.microseconds_per_quarter);
  EXPECT_EQ(tempos, (std::vector<std::pair<std::int64_t, int>>{{0, 60}, {1920, 100}, {3840, 60}, {5760, 100}}));
}

TEST(AbcReader, MeterKeyAndTempo_AreRecorded) {
  const Score score = tune("X:1\nM:6/8\nQ:\"Lively\" 3/8=100\nK:Bm\nB6|[M:3/4][K:D]B6|[M:C|]B8|\n");
  ASSERT_EQ(score.time_signatures.size(), 3u);
  EXPECT_EQ(score.time_signatures[1].onset, Ticks(1440));
  EXPECT_EQ(score.time_signatures[1].numerator, 3);
  EXPECT_EQ(score.time_signatures[2].denominator, 2);
  ASSERT_EQ(score.key_signatures.size(), 2u);
  EXPECT_EQ(score.key_signatures[0].name(), "B minor");
  EXPECT_EQ(score.key_signatures[1].name(), "D major");
  ASSERT_EQ(score.tempos.size(), 1u);
  EXPECT_EQ(score.tempos[0].microseconds_per_quarter, 400000);
}

TEST(AbcReader, Pickup_SoundsAtTheEndOfTheFirstBar) {
  const AbcBook book = read("X:1\nM:3/4\nL:1/4\nK:C\nG|ccc|c2:|G|ddd|c2|]\n");
  const Score& score = book.tunes.at(0).score;
  EXPECT_EQ(note_list(score.tracks[0]).substr(0, 27), "67@960+480 72@1440+480 72@1");
  const score::BarGrid grid(score);
  for (const score::Bar& bar : grid.bars()) EXPECT_EQ(bar.length, Ticks(1440));
  EXPECT_EQ(score.time_signatures.size(), 1u);
  EXPECT_TRUE(book.diagnostics.empty()) << book.diagnostics.kept()[0].to_line();
}

TEST(AbcReader, BarThatDoesNotAddUp_IsReportedAndTheGridFollows) {
  const AbcBook book = read("X:1\nT:Short\nM:4/4\nL:1/4\nK:C\nCCCC|CCC|DCCC|CCCC|\n");
  ASSERT_EQ(book.diagnostics.count(DiagnosticKind::bar_length), 1u);
  EXPECT_EQ(book.diagnostics.kept()[0].to_line(), "line 6, column 6 (Short): a bar of 3/4 in 4/4 time");
  const score::BarGrid grid(book.tunes[0].score);
  EXPECT_EQ(grid.bars()[2].onset, Ticks(7 * 480));
  EXPECT_EQ(book.tunes[0].score.time_signatures.size(), 1u);
  EXPECT_EQ(read("X:1\nM:4/4\nL:1/4\nK:C\nCCCC|CCCCC|CCCC|\n").diagnostics.count(DiagnosticKind::bar_length), 1u);
  EXPECT_EQ(read("X:1\nM:4/4\nL:1/4\nK:C\nCCCC|CCC|]\n").diagnostics.count(DiagnosticKind::bar_length), 1u);
}

TEST(AbcReader, Voices_BecomeTracks_AndShareRepeats) {
  const Score score =
      tune("X:1\nM:4/4\nL:1/1\nV:S name=\"Soprano\"\nV:B clef=bass\nK:C\nV:S\n|:c|[1d:|[2e|]\nV:B\nC,|D,|E,|]\n");
  ASSERT_EQ(score.tracks.size(), 2u);
  EXPECT_EQ(score.tracks[0].name, "Soprano");
  EXPECT_EQ(pitches(score.tracks[0]), "72 74 72 76");
  EXPECT_EQ(pitches(score.tracks[1]), "48 50 48 52");
  const Score inlined = tune("X:1\nM:4/4\nL:1/1\nK:C\n[V:1]c|d|\n[V:2]C|D|\n[V:1]e|\n[V:2]E|\n");
  ASSERT_EQ(inlined.tracks.size(), 2u);
  EXPECT_EQ(pitches(inlined.tracks[0]), "72 74 76");
  EXPECT_EQ(note_list(inlined.tracks[1]), "60@0+1920 62@1920+1920 64@3840+1920");
}

TEST(AbcReader, VoicesOfUnequalLength_AreReported) {
  const AbcBook book = read("X:1\nM:4/4\nL:1/1\nK:C\nV:1\nc|d|\nV:2\nC|\n");
  EXPECT_EQ(book.diagnostics.count(DiagnosticKind::parts), 1u);
}

TEST(AbcReader, ChordSymbols_AreKeptAndPlayed) {
  const Score score = tune("X:1\nM:4/4\nL:1/4\nK:C\n\"C\"cccc|\"Am\"c2\"G7/B\"c2|cccc|]\n");
  ASSERT_EQ(score.chord_symbols.size(), 3u);
  EXPECT_EQ(score.chord_symbols[2].text, "G7/B");
  EXPECT_EQ(score.chord_symbols[2].onset, Ticks(2880));
  ASSERT_EQ(score.tracks.size(), 2u);
  EXPECT_EQ(score.tracks[1].name, "Chords");
  EXPECT_EQ(note_list(score.tracks[1]),
            "48@0+1920 52@0+1920 55@0+1920 57@1920+960 60@1920+960 64@1920+960 "
            "59@2880+960 62@2880+960 65@2880+960 67@2880+960 59@3840+1920 62@3840+1920 65@3840+1920 67@3840+1920");
  AbcOptions silent;
  silent.play_chords = false;
  EXPECT_EQ(read_abc("X:1\nK:C\n\"C\"C|\n", silent)->front().tracks.size(), 1u);
}

TEST(AbcReader, PlayedChords_StayInRange) {
  for (const char* root : {"C", "C#", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"}) {
    for (const char* kind : {"", "m", "7", "m7", "maj7", "dim", "dim7", "aug", "6", "sus4", "9", "m7b5", "/E"}) {
      const std::string text = "X:1\nL:1/4\nM:4/4\nK:C\n\"" + std::string(root) + kind + "\"c4|\n";
      const AbcBook book = read(text);
      EXPECT_TRUE(book.diagnostics.empty()) << text;
      ASSERT_EQ(book.tunes[0].score.tracks.size(), 2u) << text;
      EXPECT_GE(book.tunes[0].score.tracks[1].notes.size(), 3u) << text;
      for (const Note& n : book.tunes[0].score.tracks[1].notes) EXPECT_TRUE(n.pitch >= 48 && n.pitch <= 67) << text;
    }
  }
}

TEST(AbcReader, Velocity_FollowsTheMeter) {
  const Score score = tune("X:1\nM:4/4\nL:1/8\nK:C\nCCCC CCCC|\n");
  const std::vector<Note>& notes = score.tracks[0].notes;
  EXPECT_EQ(notes[0].velocity, 88);
  EXPECT_EQ(notes[1].velocity, 74);
  EXPECT_EQ(notes[2].velocity, 80);
}

struct BadCase {
  const char* claim;
  const char* text;
  ErrorCode code;
  const char* where;
};

class AbcErrors : public testing::TestWithParam<BadCase> {};

TEST_P(AbcErrors, NameThePlace) {
  AbcOptions options;
  options.strict = true;
  const auto book = read_abc_book(GetParam().text, options);
  ASSERT_FALSE(book.ok());
  EXPECT_EQ(book.error().code, GetParam().code) << book.error().to_line();
  EXPECT_EQ(book.error().where, GetParam().where) << book.error().to_line();
}

INSTANTIATE_TEST_SUITE_P(
    Strict, AbcErrors,
    testing::Values(BadCase{"empty", "", ErrorCode::empty, ""},
                    BadCase{"prose", "Once upon a time\n", ErrorCode::wrong_format, ""},
                    BadCase{"no_key", "X:1\nT:a\n\n", ErrorCode::malformed, "line 1, column 1"},
                    BadCase{"no_notes", "X:1\nK:C\nz4|\n", ErrorCode::no_notes, "line 1, column 1"},
                    BadCase{"bad_key", "X:1\nK:Q\nC|\n", ErrorCode::malformed, "line 2, column 3"},
                    BadCase{"bad_meter", "X:1\nM:4/3\nK:C\nC|\n", ErrorCode::malformed, "line 2, column 3"},
                    BadCase{"bad_tempo", "X:1\nQ:fast=x\nK:C\nC|\n", ErrorCode::malformed, "line 1, column 1"},
                    BadCase{"bad_tempo_beat", "X:1\nQ:x=100\nK:C\nC|\n", ErrorCode::malformed, "line 1, column 1"},
                    BadCase{"bad_inline_key", "X:1\nK:C\nC [K:Q] C|\n", ErrorCode::malformed, "line 3, column 3"},
                    BadCase{"unknown_character", "X:1\nK:C\nCD ?E|\n", ErrorCode::malformed, "line 3, column 4"},
                    BadCase{"ending_of_no_pass", "X:1\nK:C\nC|[0 D|\n", ErrorCode::malformed, "line 3, column 5"},
                    BadCase{"ending_that_runs_back", "X:1\nK:C\nC|[3-2 D|\n", ErrorCode::malformed, "line 3, column 7"},
                    BadCase{"ending_of_too_many_passes", "X:1\nK:C\nC|[1-33 D|\n", ErrorCode::malformed,
                            "line 3, column 8"},
                    BadCase{"music_before_the_key", "X:1\nCD|\nK:C\nE|\n", ErrorCode::malformed, "line 2, column 1"},
                    BadCase{"open_chord", "X:1\nK:C\nC [CE\n", ErrorCode::malformed, "line 3, column 3"},
                    BadCase{"open_quote", "X:1\nK:C\nC \"Am\n", ErrorCode::malformed, "line 3, column 3"},
                    BadCase{"lone_accidental", "X:1\nK:C\nC ^|\n", ErrorCode::malformed, "line 3, column 3"},
                    BadCase{"too_high", "X:1\nK:C\nc''''''''\n", ErrorCode::malformed, "line 3, column 1"},
                    BadCase{"huge_number", "X:1\nK:C\nC99999999999\n", ErrorCode::too_large, "line 3, column 2"},
                    BadCase{"many_bars", "X:1\nK:C\nZ9999|Z9999|Z9999|C\n", ErrorCode::too_large, "line 3, column 18"}),
    [](const auto& c) { return std::string(c.param.claim); });

TEST(AbcReader, Tolerant_SkipsAndCounts) {
  const AbcBook book = read("X:1\nK:C\nCD ?E \"Hm\"F [CE\n\nX:2\nK:C\n|\n", false);
  ASSERT_EQ(book.tunes.size(), 1u);
  EXPECT_EQ(pitches(book.tunes[0].score.tracks[0]), "60 62 64 65");
  EXPECT_EQ(book.diagnostics.count(DiagnosticKind::skipped), 2u);
  EXPECT_EQ(book.diagnostics.count(DiagnosticKind::chord_symbol), 1u);
  EXPECT_EQ(book.diagnostics.count(DiagnosticKind::rejected_tune), 1u);
}

}  // namespace
}  // namespace continuo::notation
