#include "continuo/notation/diagnostics.h"

#include <gtest/gtest.h>

#include "continuo/notation/abc.h"
#include "continuo/notation/musicxml.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

TEST(Diagnostics, SamePlaceIsNotedOnce) {
  Diagnostics diagnostics;
  diagnostics.add_once(DiagnosticKind::bar_length, "line 1", "a bar of 3/4 in 4/4 time");
  diagnostics.add_once(DiagnosticKind::bar_length, "line 1", "a bar of 3/4 in 4/4 time");
  diagnostics.add_once(DiagnosticKind::skipped, "line 1", "a length of zero");
  EXPECT_EQ(diagnostics.count(), 2u);
  EXPECT_EQ(diagnostics.kept()[0].to_line(), "line 1: a bar of 3/4 in 4/4 time");
}

TEST(Diagnostics, SummaryHasALineForEachKind) {
  Diagnostics diagnostics;
  EXPECT_TRUE(diagnostics.summary().empty());
  diagnostics.add(DiagnosticKind::skipped, "line 3", "x");
  diagnostics.add(DiagnosticKind::bar_length, "line 5", "y");
  diagnostics.add(DiagnosticKind::bar_length, "line 9", "z");
  diagnostics.add(DiagnosticKind::damage, "byte 20", "w", 4);
  diagnostics.add_left_out(1, "lyric", "lyrics", "not kept");
  diagnostics.add_left_out(0, "text", "texts", "not kept");
  EXPECT_EQ(diagnostics.summary(), (std::vector<std::string>{"1 thing that makes no sense was skipped (line 3: x)",
                                                             "2 bars do not add up (first: line 5: y)",
                                                             "byte 20: w (4 times)", "1 lyric left out: not kept"}));
}

TEST(Diagnostics, ManyAreCountedAndFewKept) {
  Diagnostics diagnostics;
  for (std::size_t i = 0; i < 3 * Diagnostics::kKept; ++i) diagnostics.add(DiagnosticKind::skipped, "here", "x");
  EXPECT_EQ(diagnostics.kept().size(), Diagnostics::kKept);
  EXPECT_EQ(diagnostics.count(DiagnosticKind::skipped), 3 * Diagnostics::kKept);
  EXPECT_EQ(diagnostics.summary()[0].substr(0, 11), "3000 things");
}

TEST(Diagnostics, WhatReadersLeaveOutIsCounted) {
  const auto book = read_abc_book("X:1\nL:1/4\nM:4/4\nK:C\n{g}C {ab}D E F|\nw:do re mi fa sol\nW:more words\n");
  EXPECT_EQ(book->diagnostics.summary(),
            (std::vector<std::string>{"1 syllable of lyrics left out: no note that is played has them",
                                      "1 line of words left out: they belong to no notes"}));
  const std::string la = "<lyric><text>la</text></lyric>";
  const auto sheet = testing::read(testing::score_text(testing::first_measure(
      "<note><grace/><pitch><step>C</step><octave>4</octave></pitch>" + la + "</note>" +
      "<note><cue/><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration>" + la + la + "</note>" +
      testing::note('C', 4, 4, la + "<lyric number=\"2\"><text>lo</text></lyric>"))));
  EXPECT_EQ(sheet.diagnostics.summary(),
            (std::vector<std::string>{"3 syllables of lyrics left out: no note that is played has them",
                                      "1 cue note left out: the part does not play them"}));
  EXPECT_EQ(sheet.diagnostics.left_out(),
            (std::map<std::string, std::uint64_t>{{"cue notes", 1}, {"syllables of lyrics", 3}}));
}

TEST(Diagnostics, NotesOfCueVoicesOfAbcAreLeftOutAndCounted) {
  const auto book = read_abc_book(
      "X:1\nL:1/4\nM:4/4\nK:C\nV:1\nV:2 cue=on\n[V:1]CDEF|GABc|\n[V:2]{g}[ce]2-c2|d>e [V:2 cue=off]f2|\nw:a b c d\n");
  ASSERT_TRUE(book.ok()) << book.error().to_line();
  EXPECT_EQ(testing::note_list(book->tunes.front().score.tracks.at(1)), "77@2880+960");
  EXPECT_EQ(book->diagnostics.left_out(),
            (std::map<std::string, std::uint64_t>{{"cue notes", 6}, {"syllables of lyrics", 4}}));
}

}  // namespace
}  // namespace continuo::notation
