#include "../src/cells/form.h"

#include <string>

#include <gtest/gtest.h>

#include "continuo/generate/compose.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

// "0 1 0 1": which bar each one is.
std::string bars_of(std::string_view form, std::size_t bars) {
  const auto repeated = bars_of_form(form, bars);
  if (!repeated.ok()) return repeated.error().what;
  std::string text;
  for (std::size_t i = 0; i < repeated->size(); ++i)
    text += (i > 0 ? " " : "") + std::to_string((*repeated)[i].value_or(i));
  return text;
}

TEST(Form, ALetterThatComesAgainIsTheSameSection) {
  EXPECT_EQ(bars_of("AABA", 8), "0 1 0 1 4 5 0 1");
  EXPECT_EQ(bars_of("A B", 2), "0 1");
  EXPECT_EQ(bars_of("ABAB", 4), "0 1 0 1");
}

TEST(Form, AVariedSectionIsNewFromItsMiddleOn) {
  EXPECT_EQ(bars_of("AA'", 8), "0 1 2 3 0 1 6 7");
  EXPECT_EQ(bars_of("AA'A", 6), "0 1 0 3 0 1");
  EXPECT_EQ(bars_of("A'A", 4), "0 1 0 1") << "the first is new anyway";
}

TEST(Form, RefusesWhatIsNoForm) {
  EXPECT_EQ(bars_of("AABA", 10), "10 bars are not 4 sections of equal length");
  EXPECT_EQ(bars_of("AABA", 3), "3 bars are not 4 sections of equal length");
  EXPECT_EQ(bars_of(" ", 4), "a form has a section at least");
  for (const char* form : {"a", "'A", "A-B"})
    EXPECT_EQ(bars_of(form, 4), "a form is written with the letters of its sections, such as AABA or AABA'") << form;
}

// The notes of bars [begin, begin + count) of each track, from their beginning.
std::vector<std::vector<score::Note>> part_of(const score::Score& score, int begin, int count) {
  const std::int64_t bar = 4 * score.ticks_per_quarter;
  std::vector<std::vector<score::Note>> part;
  for (const auto& track : score.tracks) {
    part.emplace_back();
    for (score::Note note : track.notes) {
      if (note.onset.value < begin * bar || note.onset.value >= (begin + count) * bar) continue;
      note.onset = note.onset - score::Ticks(begin * bar);
      part.back().push_back(note);
    }
  }
  return part;
}

TEST(Form, SectionsOfAPieceComeAgain) {
  for (const Taste taste : {Taste::kUniform, Taste::kWhim}) {
    const auto made = run(fake_composer("bar_tracks", taste, {.context_length = 256}),
                          {.add_tracks = {{0, false}, {33, false}, {0, true}},
                           .form = "AABA'",
                           .length = {LengthUnit::kBars, 16},
                           .seed = 4});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(part_of(made->score, 4, 4), part_of(made->score, 0, 4));
    EXPECT_NE(part_of(made->score, 8, 4), part_of(made->score, 0, 4));
    EXPECT_EQ(part_of(made->score, 12, 2), part_of(made->score, 0, 2));
    EXPECT_NE(part_of(made->score, 14, 2), part_of(made->score, 2, 2));
  }
}

TEST(Form, IsForNewPiecesOfGivenInstruments) {
  const Composer c = fake_composer("bar_tracks", Taste::kWhim, {.context_length = 256});
  EXPECT_NE(run(c, {.form = "AB"}).error().what.find("given instruments"), std::string::npos);
  EXPECT_NE(run(c, {.primer = small_piece(), .add_tracks = {{0, false}}, .form = "AB"}).error().what.find("new piece"),
            std::string::npos);
  EXPECT_FALSE(run(c, {.primer = small_piece(), .form = "AB"}).ok());
  EXPECT_FALSE(run(c, {.add_tracks = {{0, false}}, .form = "AB", .length = {LengthUnit::kBars, 3}}).ok());
}

}  // namespace
}  // namespace continuo::generate
