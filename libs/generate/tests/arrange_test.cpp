#include <gtest/gtest.h>

#include "continuo/generate/compose.h"
#include "continuo/score/melody.h"

#include "support/band_piece.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;

Composer composer() { return fake_composer("bar_tracks", Taste::kWhim, {.context_length = 128}); }

ComposeOptions arrangement(const Score& piece, std::uint64_t seed) {
  ComposeOptions options{.primer = piece, .add_tracks = {{48, false}, {0, true}}, .seed = seed};
  options.lead = {{73, false}, {}};
  return options;
}

TEST(Arrange, TheMelodyLeads_AndTheNewTracksReplaceThoseOfThePiece) {
  const Score piece = band_piece(8);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto made = run(composer(), arrangement(piece, seed));
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    ASSERT_EQ(made->score.tracks.size(), 3u);
    EXPECT_EQ(made->score.tracks[0].notes, score::melody_of(piece));
    EXPECT_EQ(made->score.tracks[0].program, 73);
    EXPECT_EQ(made->score.tracks[1].program, 48);
    EXPECT_TRUE(made->score.tracks[2].is_drum);
    EXPECT_FALSE(made->score.tracks[1].notes.empty());
    EXPECT_FALSE(made->score.tracks[2].notes.empty());
    EXPECT_EQ(made->score.tempos, piece.tempos);
    EXPECT_EQ(made->score.time_signatures, piece.time_signatures);
  }
}

TEST(Arrange, ComposesWhatIsAddedToThePiece) {
  const Score piece = band_piece(6);
  ComposeOptions options = arrangement(piece, 5);
  const auto arranged = run(composer(), options);
  options.lead.reset();
  const auto added = run(composer(), options);
  ASSERT_TRUE(arranged.ok() && added.ok());
  EXPECT_EQ(arranged->tokens, added->tokens);
  EXPECT_EQ(arranged->score.tracks[1], added->score.tracks[piece.tracks.size()]);
}

TEST(Arrange, ATrackMayBeTheMelody) {
  const Score piece = band_piece(4);
  ComposeOptions options = arrangement(piece, 1);
  options.lead->track = 1;
  const auto made = run(composer(), options);
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score.tracks[0].notes, piece.tracks[1].notes);
}

TEST(Arrange, RefusesWhatHasNoMelody) {
  const auto problem = [](const ComposeOptions& options) {
    const auto made = run(composer(), options);
    return made.ok() ? std::string() : made.error().what;
  };
  Score piece = band_piece(4);
  ComposeOptions options = arrangement(piece, 1);
  options.primer.reset();
  EXPECT_EQ(problem(options), "an arrangement is of a piece that is given");
  options = arrangement(piece, 1);
  options.lead->instrument.is_drum = true;
  EXPECT_EQ(problem(options), "drums play no melody");
  options = arrangement(piece, 1);
  options.lead->track = 4;
  EXPECT_EQ(problem(options), "the track of the melody is of drums");
  options.lead->track = 5;
  EXPECT_EQ(problem(options), "the track of the melody does not exist");
  piece.tracks.erase(piece.tracks.begin(), piece.tracks.begin() + 4);
  EXPECT_EQ(problem(arrangement(piece, 1)), "drums have no melody");
}

}  // namespace
}  // namespace continuo::generate
