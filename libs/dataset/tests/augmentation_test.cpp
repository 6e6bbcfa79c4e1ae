#include "continuo/dataset/augmentation.h"

#include <cmath>
#include <numeric>
#include <set>

#include "continuo/dataset/augmented_feed.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"
#include "continuo/tokens/vocabulary.h"

#include "music_folder.h"

namespace continuo::dataset {
namespace {

class AugmentationTest : public MusicFolder {
 protected:
  static constexpr Augmentation kAll = {.transpose_down = 5,
                                        .transpose_up = 6,
                                        .slowest = 0.9,
                                        .fastest = 1.1,
                                        .velocity_shift = 20,
                                        .jitter_quarters = 0.25};
  TokenDataset built(const char* tokenizer = "remi") const {
    write_pieces(16);
    BuildOptions with = options();
    with.tokenizer = tokenizer;
    EXPECT_TRUE(run(with).ok());
    return *TokenDataset::open(output());
  }
};

TEST_F(AugmentationTest, DefaultsChangeNothing) {
  const score::Score piece = music(3);
  EXPECT_TRUE(Augmentation().changes_nothing());
  EXPECT_EQ(augmented(piece, {}, Rng(7)), piece);
  EXPECT_FALSE(kAll.changes_nothing());
}

TEST_F(AugmentationTest, TransposesWithinWhatIsAskedAndWhatMidiHas) {
  const score::Score piece = music(3), drums = music(3, 20, true);
  score::Score high = piece;
  for (auto& note : high.tracks[0].notes) note.pitch = std::uint8_t(note.pitch + 127 - 78);
  std::set<int> moves;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto moved = augmented(piece, {.transpose_down = 2, .transpose_up = 3}, Rng(seed));
    const int move = moved.tracks[0].notes[0].pitch - piece.tracks[0].notes[0].pitch;
    for (std::size_t i = 0; i < piece.tracks[0].notes.size(); ++i)
      ASSERT_EQ(moved.tracks[0].notes[i].pitch - piece.tracks[0].notes[i].pitch, move);
    moves.insert(move);
    const auto at_the_top = augmented(high, {.transpose_up = 60}, Rng(seed));
    for (const auto& note : at_the_top.tracks[0].notes) ASSERT_LE(note.pitch, 127);
    ASSERT_EQ(augmented(drums, {.transpose_down = 2, .transpose_up = 3}, Rng(seed)), drums);
  }
  EXPECT_EQ(moves, (std::set<int>{-2, -1, 0, 1, 2, 3}));
}

TEST_F(AugmentationTest, StretchesTempoAndKeepsBeats) {
  score::Score piece = music(3);
  piece.tempos = {{score::Ticks(480), 400000}};
  const double before = piece.duration().value;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto stretched = augmented(piece, {.slowest = 0.5, .fastest = 2}, Rng(seed));
    EXPECT_EQ(stretched.tracks, piece.tracks);
    const double factor = before / stretched.duration().value;
    EXPECT_GT(factor, 0.499);
    EXPECT_LT(factor, 2.001);
    EXPECT_NEAR(double(stretched.tempos.back().microseconds_per_quarter), 400000 / factor, 2);
  }
  EXPECT_NE(augmented(piece, {.slowest = 0.5, .fastest = 2}, Rng(1)).duration(),
            augmented(piece, {.slowest = 0.5, .fastest = 2}, Rng(2)).duration());
}

TEST_F(AugmentationTest, ShiftsVelocitiesTogetherAndStaysInRange) {
  score::Score piece = music(3);
  piece.tracks[0].notes[0].velocity = 1;
  piece.tracks[0].notes[1].velocity = 127;
  std::set<int> shifts;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto shifted = augmented(piece, {.velocity_shift = 10}, Rng(seed));
    const int shift = shifted.tracks[0].notes[2].velocity - piece.tracks[0].notes[2].velocity;
    EXPECT_EQ(shifted.tracks[0].notes[0].velocity, std::max(1, 1 + shift));
    EXPECT_EQ(shifted.tracks[0].notes[1].velocity, std::min(127, 127 + shift));
    shifts.insert(shift);
  }
  EXPECT_EQ(*shifts.begin(), -10);
  EXPECT_EQ(*shifts.rbegin(), 10);
}

TEST_F(AugmentationTest, JittersEachOnsetABit) {
  const score::Score piece = music(3);
  std::set<std::int64_t> offsets;
  const auto jittered = augmented(piece, {.jitter_quarters = 0.1}, Rng(5));
  for (std::size_t i = 0; i < piece.tracks[0].notes.size(); ++i) {
    const auto& note = jittered.tracks[0].notes[i];
    offsets.insert((note.onset - piece.tracks[0].notes[i].onset).value);
    EXPECT_EQ(note.duration, piece.tracks[0].notes[i].duration);
    EXPECT_GE(note.onset.value, 0);
  }
  EXPECT_GT(offsets.size(), 10u);
  EXPECT_GE(*offsets.begin(), -48);
  EXPECT_LE(*offsets.rbegin(), 48);
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto mean = [](const std::vector<double>& x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / double(x.size());
  };
  const double mean_a = mean(a), mean_b = mean(b);
  double both = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return both / std::sqrt(square_a * square_b);
}

// Transposition, tempo, velocity and the jitter of the second note are drawn independently of one another.
TEST_F(AugmentationTest, EachChangeHasItsOwnChance) {
  score::Score piece = music(3);
  piece.tempos = {{score::Ticks(0), 500000}};
  std::vector<std::vector<double>> changes(4);
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto changed = augmented(piece, kAll, Rng(seed));
    const auto &before = piece.tracks[0].notes, &after = changed.tracks[0].notes;
    changes[0].push_back(after[0].pitch - before[0].pitch);
    changes[1].push_back(changed.tempos[0].microseconds_per_quarter);
    changes[2].push_back(after[0].velocity - before[0].velocity);
    changes[3].push_back(double((after[1].onset - before[1].onset).value));
  }
  for (std::size_t i = 0; i < changes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_LT(std::abs(correlation(changes[i], changes[j])), 0.2) << i << " " << j;
}

TEST_F(AugmentationTest, Pieces_DependOnSeedEpochAndIndexAlone) {
  const TokenDataset dataset = built();
  const auto pieces = AugmentedPieces::make(dataset, kAll, 9);
  ASSERT_TRUE(pieces.ok());
  ThreadPool one(1), three(3);
  std::vector<std::uint32_t> all(pieces->pieces());
  std::iota(all.begin(), all.end(), 0u);
  const TokenSequences first = pieces->made(4, all, one), again = pieces->made(4, all, three);
  std::size_t changed = 0, other = 0;
  for (std::size_t i = 0; i < pieces->pieces(); ++i) {
    const std::vector<std::uint16_t> tokens(first.piece(i).begin(), first.piece(i).end());
    EXPECT_EQ(tokens, std::vector<std::uint16_t>(again.piece(i).begin(), again.piece(i).end()));
    EXPECT_EQ(tokens, pieces->piece(4, i));
    EXPECT_EQ(tokens.front(), tokens::kBos);
    EXPECT_EQ(tokens.back(), tokens::kEos);
    EXPECT_EQ(first.name(i), dataset.split(Split::kTrain).name(i));
    changed += !std::equal(tokens.begin(), tokens.end(), dataset.split(Split::kTrain).piece(i).begin(),
                           dataset.split(Split::kTrain).piece(i).end());
    other += tokens != pieces->piece(5, i);
  }
  EXPECT_EQ(changed, pieces->pieces());
  EXPECT_EQ(other, pieces->pieces());
}

TEST_F(AugmentationTest, Pieces_AreWhatTheTokenizerMakesOfTheAugmentedScore) {
  const TokenDataset dataset = built("tsd");
  const auto tokenizer = *tokens::tokenizer_from_json(dataset.tokenizer());
  const auto pieces = *AugmentedPieces::make(dataset, kAll, 9);
  for (std::size_t i = 0; i < pieces.pieces(); ++i) {
    const auto tokens = pieces.piece(2, i);
    const auto score = tokenizer->decode(std::vector<TokenId>(tokens.begin(), tokens.end()));
    ASSERT_TRUE(score.ok()) << score.error().to_line();
    EXPECT_EQ(score->note_count(), 20u);
  }
}

TEST_F(AugmentationTest, Pieces_ThatTheTokenizerCannotEncodeStayAsTheyAre) {
  const TokenDataset dataset = built("note_chord");
  const auto pieces = *AugmentedPieces::make(dataset, {.transpose_up = 40}, 1);
  const TokenSequences& originals = dataset.split(Split::kTrain);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pieces.pieces(); ++i) {
    const auto tokens = pieces.piece(0, i);
    kept += std::equal(tokens.begin(), tokens.end(), originals.piece(i).begin(), originals.piece(i).end());
  }
  EXPECT_GT(kept, 0u);
}

TEST_F(AugmentationTest, Batches_DependOnTheStepAloneAndChangeFromEpochToEpoch) {
  const TokenDataset dataset = built();
  const auto pieces = *AugmentedPieces::make(dataset, kAll, 9);
  ThreadPool pool(2);
  const WindowOptions windows{.context_length = 32, .batch_size = 2, .seed = 3};
  const AugmentedBatches first(pieces, windows, pool), second(pieces, windows, pool);
  const auto batch_at = [](const AugmentedBatches& batches, std::uint64_t step) {
    std::vector<std::int64_t> inputs(64), targets(64);
    const auto counted = batches.batch(step, {inputs, targets});
    EXPECT_GT(counted, 0u);
    inputs.insert(inputs.end(), targets.begin(), targets.end());
    return inputs;
  };
  const std::uint64_t per_epoch = first.batches_per_epoch();
  const auto late = batch_at(first, 5 * per_epoch + 3);
  for (std::uint64_t step = 0; step < 2 * per_epoch; ++step) batch_at(second, step);
  EXPECT_EQ(batch_at(second, 5 * per_epoch + 3), late);
  EXPECT_NE(batch_at(second, 6 * per_epoch + 3), late);
}

// With a budget below the set's size: the parts of an epoch deal each window of each piece about once, in another order
// and grouping each time, and whatever was asked before.
TEST_F(AugmentationTest, Batches_OfALargeSetComeInParts) {
  const TokenDataset dataset = built();
  const auto pieces = *AugmentedPieces::make(dataset, {.transpose_up = 1}, 9);
  const TokenSequences& originals = pieces.originals();
  ThreadPool pool(2);
  const WindowOptions windows{.context_length = 32, .batch_size = 1, .seed = 3};
  const AugmentedBatches whole(pieces, windows, pool);
  const AugmentedBatches parts(pieces, windows, pool, originals.tokens() / 4);
  ASSERT_EQ(parts.batches_per_epoch(), whole.batches_per_epoch());
  const auto batch_at = [](const AugmentedBatches& batches, std::uint64_t step) {
    std::vector<std::int64_t> inputs(32), targets(32);
    EXPECT_GT(batches.batch(step, {inputs, targets}), 0u);
    return inputs;
  };
  const std::uint64_t count = parts.batches_per_epoch();
  const auto epoch_of = [&](const AugmentedBatches& batches, std::uint64_t epoch) {
    std::vector<std::vector<std::int64_t>> dealt;
    for (std::uint64_t i = 0; i < count; ++i) dealt.push_back(batch_at(batches, epoch * count + i));
    return dealt;
  };
  const auto first = epoch_of(parts, 1);
  const AugmentedBatches again(pieces, windows, pool, originals.tokens() / 4);
  EXPECT_EQ(batch_at(again, 2 * count - 1), first.back());
  EXPECT_EQ(batch_at(again, count), first.front());
  const auto counted = [](const std::vector<std::vector<std::int64_t>>& dealt) {
    std::set<std::vector<std::int64_t>> distinct(dealt.begin(), dealt.end());
    return distinct.size();
  };
  EXPECT_GE(counted(first), counted(epoch_of(whole, 1)) * 9 / 10);
  // Pieces of a part come together: a quarter of the batches holds far fewer first windows than all of them.
  const auto starts = [](auto begin, auto end) {
    return std::count_if(begin, end, [](const auto& inputs) { return inputs[0] == std::int64_t{tokens::kBos}; });
  };
  const auto quarter = std::ptrdiff_t(count / 4);
  EXPECT_LT(starts(first.begin(), first.begin() + quarter), starts(first.begin(), first.end()) / 2);
  EXPECT_NE(epoch_of(parts, 2), first);
}

TEST_F(AugmentationTest, WhatIsOutOfRangeIsRefused) {
  const TokenDataset dataset = built();
  for (const Augmentation& wrong :
       {Augmentation{.transpose_down = -1}, Augmentation{.slowest = 0}, Augmentation{.slowest = 2},
        Augmentation{.velocity_shift = 127}, Augmentation{.jitter_quarters = -1}})
    EXPECT_EQ(AugmentedPieces::make(dataset, wrong, 0).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace continuo::dataset
