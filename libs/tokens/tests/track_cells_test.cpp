#include "continuo/tokens/track_cells.h"

#include <string>

#include <gtest/gtest.h>

#include "continuo/tokens/beat_tokenizers.h"

#include "tokens_of_text.h"

namespace continuo::tokens {
namespace {

using Role = TrackCells::Role;

class TrackCellsTest : public testing::Test {
 protected:
  std::vector<TokenId> ids(const std::string& text) const { return tokens_of(*tokenizer_, text); }
  TokenId id(const std::string& word) const { return ids(word).at(0); }

  std::shared_ptr<const Tokenizer> tokenizer_ = make_beat_tokenizer("bar_tracks", {.velocity_bins = 0}).value();
  const TrackCells& cells_ = *tokenizer_->track_cells();
};

TEST_F(TrackCellsTest, BarsAreReadWithTheirHeadsAndTracks) {
  const auto bars = cells_.bars(
      ids("Bar_None TimeSig_4/4 Tempo_120.0 Left_1 Program_0 Position_0 Pitch_60 Duration_1.0.8 Program_0 Part_1 "
          "Density_2 Position_8 Pitch_64 Duration_1.0.8 Bar_None TimeSig_3/4 Left_0 Program_-1 Position_0 PitchDrum_36 "
          "Duration_0.1.8"));
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_EQ(bars[0].head, ids("Bar_None TimeSig_4/4 Tempo_120.0"));
  ASSERT_EQ(bars[0].cells.size(), 2u);
  EXPECT_EQ(bars[0].cells[0].track, (TrackName{0, 0}));
  EXPECT_EQ(bars[0].cells[0].notes, ids("Position_0 Pitch_60 Duration_1.0.8"));
  EXPECT_EQ(bars[0].cells[1].track, (TrackName{0, 1}));
  EXPECT_EQ(bars[0].cells[1].notes, ids("Position_8 Pitch_64 Duration_1.0.8"));
  EXPECT_EQ(bars[1].head, ids("Bar_None TimeSig_3/4"));
  EXPECT_EQ(bars[1].find({TrackName::kDrums, 0}), &bars[1].cells[0]);
  EXPECT_EQ(bars[1].find({0, 0}), nullptr);
}

TEST_F(TrackCellsTest, WhatIsBeforeTheFirstBarLineAndNamesThatAreCutOffAreLeftOut) {
  const auto bars = cells_.bars(ids("Pitch_60 Duration_1.0.8 Bar_None TimeSig_4/4 Part_1 Position_0 Program_3"));
  ASSERT_EQ(bars.size(), 1u);
  ASSERT_EQ(bars[0].cells.size(), 1u);
  EXPECT_EQ(bars[0].cells[0].track, (TrackName{3, 0}));
  EXPECT_TRUE(bars[0].cells[0].notes.empty());
}

TEST_F(TrackCellsTest, BarsWrittenOneAfterTheOther_AreThePiece) {
  const auto tokens =
      ids("Bar_None TimeSig_4/4 Tempo_120.0 Program_0 Position_0 Pitch_60 Duration_1.0.8 Program_0 Part_1 Position_8 "
          "Pitch_64 Duration_1.0.8 Bar_None TimeSig_4/4 Bar_None TimeSig_4/4 Program_33 Position_0 Pitch_40 "
          "Duration_1.0.8");
  std::vector<TokenId> written;
  for (const CellBar& bar : cells_.bars(tokens)) {
    written.insert(written.end(), bar.head.begin(), bar.head.end());
    for (const TrackCell& cell : bar.cells) {
      cells_.append_name(cell.track, written);
      written.insert(written.end(), cell.notes.begin(), cell.notes.end());
    }
  }
  EXPECT_EQ(written, tokens);
}

TEST_F(TrackCellsTest, NamesOfTracks_AreThoseThatEncodeGives) {
  score::Score piece;
  const auto add = [&](std::uint8_t program, bool is_drum, int pitch) {
    score::Track track{.program = program, .is_drum = is_drum};
    if (pitch > 0)
      track.notes = {{.onset = score::Ticks(0), .duration = score::Ticks(480), .pitch = std::uint8_t(pitch)}};
    piece.tracks.push_back(track);
  };
  add(33, false, 40);
  add(0, false, 60);
  add(0, false, 0);
  add(5, true, 36);
  add(0, false, 64);
  const auto names = cells_.names(piece);
  ASSERT_EQ(names.size(), 5u);
  EXPECT_FALSE(names[2].has_value());
  const auto bars = cells_.bars(tokenizer_->encode(piece).value());
  ASSERT_EQ(bars.size(), 1u);
  ASSERT_EQ(bars[0].cells.size(), 4u);
  const auto pitch_of = [&](std::size_t track) {
    const TrackCell* cell = bars[0].find(names[track].value());
    return cell == nullptr ? std::string() : tokenizer_->vocabulary().word(cell->notes.at(1));
  };
  EXPECT_EQ(pitch_of(0), "Pitch_40");
  EXPECT_EQ(pitch_of(1), "Pitch_60");
  EXPECT_EQ(pitch_of(3), "PitchDrum_36");
  EXPECT_EQ(pitch_of(4), "Pitch_64");
}

TEST_F(TrackCellsTest, APlainHeadHasTheMeterAndNoChanges) {
  EXPECT_EQ(cells_.plain_head(ids("Bar_None TimeSig_3/4 Tempo_120.0")), ids("Bar_None TimeSig_3/4"));
}

TEST_F(TrackCellsTest, TaskWordsAreNoMusic) {
  const auto grammar = tokenizer_->grammar();
  const auto meter = tokenizer_->length_meter();
  for (const TokenId token : ids("Bar_None TimeSig_4/4 Tempo_120.0 Program_0 Position_9")) {
    grammar->accept(token);
    meter->accept(token);
  }
  const auto place = meter->position();
  EXPECT_EQ(id("Ahead_Start"), cells_.ahead_start());
  EXPECT_EQ(id("Ahead_End"), cells_.ahead_end());
  EXPECT_EQ(id("Silent"), cells_.silent());
  EXPECT_EQ(id("Left_15"), cells_.left(15).value());
  EXPECT_FALSE(cells_.left(16).has_value());
  EXPECT_EQ(id("Density_7"), cells_.density(7));
  EXPECT_EQ(id("Voices_5"), cells_.voices(5));
  for (TokenId token = cells_.ahead_start(); token < tokenizer_->vocabulary().size(); ++token) {
    EXPECT_EQ(cells_.role(token), Role::kTask);
    EXPECT_FALSE(grammar->is_legal(token));
    meter->accept(token);
    EXPECT_EQ(meter->position(), place);
  }
}

TEST_F(TrackCellsTest, AttributesCountNotesAndThoseThatBeginAtOnce) {
  const auto of = [&](const std::string& text) { return cells_.attributes({.track = {}, .notes = ids(text)}); };
  EXPECT_EQ(of("Position_0 Pitch_60 Duration_1.0.8"), (TrackCells::Attributes{0, 1}));
  EXPECT_EQ(of("Position_0 Pitch_60 Duration_1.0.8 Pitch_64 Duration_1.0.8 Position_8 Pitch_60 Duration_1.0.8"),
            (TrackCells::Attributes{2, 2}));
  std::string many;
  for (int i = 0; i < 21; ++i) many += " Position_" + std::to_string(i) + " PitchDrum_36 Duration_0.1.8";
  EXPECT_EQ(of(many), (TrackCells::Attributes{7, 1}));
}

TEST_F(TrackCellsTest, DensitiesFollowOneAnother) {
  int notes = 0;
  for (int density = 0; density < TrackCells::kDensities; ++density) {
    const auto count = TrackCells::notes_of(density);
    EXPECT_EQ(count.least, notes + 1);
    EXPECT_EQ(TrackCells::density_of(count.least), density);
    EXPECT_EQ(TrackCells::density_of(count.most), density);
    notes = count.most;
  }
}

// Of bar_tracks with words for chords, on sixteenths.
class BarChordsTest : public testing::Test {
 protected:
  std::vector<TokenId> ids(const std::string& text) const { return tokens_of(*tokenizer_, text); }
  std::string chords(const std::string& bar) const {
    std::vector<TokenId> words;
    cells_.append_chords(cells_.chords(cells_.bars(ids(bar)).at(0)), words);
    std::string text;
    for (const TokenId word : words) text += (text.empty() ? "" : " ") + tokenizer_->vocabulary().word(word);
    return text;
  }

  std::shared_ptr<const Tokenizer> tokenizer_ =
      make_beat_tokenizer("bar_tracks", {.resolutions = {{0, 8, 4}}, .velocity_bins = 0, .chords = true}).value();
  const TrackCells& cells_ = *tokenizer_->track_cells();
};

TEST_F(BarChordsTest, AreThoseOfTheNotesOfAllTracks) {
  EXPECT_EQ(
      chords("Bar_None TimeSig_4/4 Program_0 Position_0 Pitch_64 Duration_4.0.4 Pitch_67 Duration_4.0.4 Program_33 "
             "Position_0 Pitch_36 Duration_4.0.4"),
      "Chord_C");
  EXPECT_EQ(
      chords("Bar_None TimeSig_3/4 Program_0 Position_0 Pitch_57 Duration_1.0.4 Position_4 Pitch_60 Duration_1.0.4 "
             "Position_8 Pitch_64 Duration_1.0.4"),
      "Chord_Am");
  EXPECT_EQ(chords("Bar_None TimeSig_4/4 Program_0 Position_0 Pitch_64 Duration_4.0.4"), "Chord_None");
  EXPECT_EQ(chords("Bar_None TimeSig_4/4 Program_-1 Position_0 PitchDrum_36 Duration_1.0.4"), "Chord_None");
}

TEST_F(BarChordsTest, HalvesThatDifferHaveTheirOwn) {
  const std::string c = "Position_0 Pitch_60 Duration_2.0.4 Pitch_64 Duration_2.0.4 Pitch_67 Duration_2.0.4 ";
  const std::string g = "Position_8 Pitch_59 Duration_2.0.4 Pitch_62 Duration_2.0.4 Pitch_67 Duration_2.0.4 ";
  EXPECT_EQ(chords("Bar_None TimeSig_4/4 Program_0 " + c + g), "Chord_C Chord_Half Chord_G");
  EXPECT_TRUE(cells_.has_halves(ids("Bar_None TimeSig_6/8")));
  EXPECT_FALSE(cells_.has_halves(ids("Bar_None TimeSig_3/4")));
  EXPECT_FALSE(cells_.has_halves(ids("Bar_None TimeSig_2/4")));
}

TEST_F(BarChordsTest, PlacesArePartsOfTheBeatOfTheMeter) {
  EXPECT_EQ(cells_.places_per_quarter({}), 4);
  EXPECT_EQ(cells_.places_per_quarter(ids("Bar_None TimeSig_3/4")), 4);
  EXPECT_EQ(cells_.places_per_quarter(ids("Bar_None TimeSig_6/8")), 8);
  EXPECT_EQ(cells_.place(ids("Position_6").at(0)), 6);
}

TEST_F(BarChordsTest, WordsAreTaskWordsAtTheEndOfTheVocabulary) {
  const auto without = make_beat_tokenizer("bar_tracks", {.resolutions = {{0, 8, 4}}, .velocity_bins = 0}).value();
  EXPECT_FALSE(without->track_cells()->has_chords());
  EXPECT_TRUE(cells_.has_chords());
  const TokenId first = without->vocabulary().size();
  EXPECT_EQ(tokenizer_->vocabulary().size(), first + 2 + 12 * score::Chord::kKinds);
  for (TokenId token = 0; token < tokenizer_->vocabulary().size(); ++token) {
    EXPECT_EQ(cells_.is_chord(token), token >= first);
    if (token < first) EXPECT_EQ(tokenizer_->vocabulary().word(token), without->vocabulary().word(token));
    if (token >= first) EXPECT_EQ(cells_.role(token), Role::kTask);
  }
}

// A note in each bar: the time of a bar has passed when the next one begins, whatever order its tracks are in.
TEST_F(TrackCellsTest, TimePassesByBars) {
  const auto meter = tokenizer_->length_meter();
  const auto after = [&](const std::string& text) {
    for (const TokenId token : ids(text)) meter->accept(token);
    return meter->elapsed().value;
  };
  EXPECT_EQ(after("Bar_None TimeSig_4/4 Tempo_120.0 Program_0 Position_24 Pitch_60 Duration_1.0.8"), 0);
  EXPECT_EQ(meter->position().place, 24);
  EXPECT_EQ(after("Program_33 Position_8 Pitch_40 Duration_1.0.8"), 0);
  EXPECT_NEAR(after("Bar_None TimeSig_3/4"), 2.0, 0.05);
  EXPECT_NEAR(after("Bar_None TimeSig_4/4"), 3.5, 0.05);
}

}  // namespace
}  // namespace continuo::tokens
