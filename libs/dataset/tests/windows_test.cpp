#include "continuo/dataset/windows.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::dataset {
namespace {

// Piece p's token at position i is 10 + 1000 p + i: windows can be told apart and placed.
TokenSequences sequences_of(const std::vector<std::size_t>& lengths) {
  std::vector<std::vector<std::uint16_t>> pieces;
  std::vector<std::string> names;
  for (const std::size_t length : lengths) {
    std::vector<std::uint16_t> piece(length);
    for (std::size_t i = 0; i < length; ++i) piece[i] = std::uint16_t(10 + 1000 * pieces.size() + i);
    names.push_back(std::to_string(pieces.size()));
    pieces.push_back(std::move(piece));
  }
  return TokenSequences::in_memory(std::move(pieces), std::move(names));
}

TokenSequences random_sequences(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::size_t> lengths(1 + rng.below(20));
  for (auto& length : lengths) length = 2 + rng.below(300);
  return sequences_of(lengths);
}

struct Batch {
  std::vector<std::int64_t> inputs, targets, lengths;
  std::uint64_t counted = 0;
  friend bool operator==(const Batch&, const Batch&) = default;
};

Batch batch_at(const WindowBatches& windows, std::uint64_t step) {
  const auto size = std::size_t(windows.options().batch_size);
  const auto cells = size * std::size_t(windows.options().context_length);
  Batch batch{std::vector<std::int64_t>(cells, -9), std::vector<std::int64_t>(cells, -9),
              std::vector<std::int64_t>(size, -9)};
  batch.counted = windows.batch(step, {batch.inputs, batch.targets, batch.lengths});
  return batch;
}

// The targets of the windows number `first` to `last - 1` of the endless stream, with how often each came.
std::map<std::int64_t, int> targets_of_windows(const WindowBatches& windows, std::uint64_t first, std::uint64_t last) {
  std::map<std::int64_t, int> seen;
  const auto size = std::uint64_t(windows.options().batch_size);
  const auto context = std::size_t(windows.options().context_length);
  for (std::uint64_t number = first; number < last; ++number) {
    const Batch batch = batch_at(windows, number / size);
    const std::size_t row = number % size;
    for (std::size_t i = 0; i < context; ++i) {
      const std::int64_t input = batch.inputs[row * context + i], target = batch.targets[row * context + i];
      if (i >= std::size_t(batch.lengths[row])) {
        EXPECT_EQ(input, 0);
        EXPECT_EQ(target, kIgnore);
        continue;
      }
      EXPECT_EQ(target, input + 1) << "the target follows its input in one piece";
      if (i > 0) {
        EXPECT_EQ(input, batch.inputs[row * context + i - 1] + 1);
      }
      ++seen[target];
    }
  }
  return seen;
}

TEST(WindowBatches, Shuffled_EveryTargetOfEveryPieceOncePerEpoch) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const TokenSequences sequences = random_sequences(seed);
    const WindowBatches windows(sequences,
                                {.context_length = int(1 + seed), .batch_size = int(1 + seed % 5), .seed = seed});
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      const auto seen = targets_of_windows(windows, epoch * windows.windows(), (epoch + 1) * windows.windows());
      ASSERT_EQ(seen.size(), windows.targets_per_epoch()) << "seed " << seed;
      ASSERT_EQ(seen.size(), sequences.tokens() - sequences.pieces());
      for (const auto& [target, count] : seen) ASSERT_EQ(count, 1);
    }
  }
}

TEST(WindowBatches, InOrder_DealsEveryTargetOnceAndThenNothing) {
  const TokenSequences sequences = sequences_of({5, 40, 16, 17, 2});
  const WindowBatches windows(sequences, {.context_length = 16, .batch_size = 3, .order = WindowOrder::kInOrder});
  EXPECT_EQ(windows.windows(), 1u + 3 + 1 + 1 + 1);
  EXPECT_EQ(windows.batches_per_epoch(), 3u);
  EXPECT_EQ(targets_of_windows(windows, 0, 9).size(), windows.targets_per_epoch());
  EXPECT_EQ(windows.window(0, 1).begin, 0u);
  EXPECT_EQ(windows.window(0, 2).begin, 16u);
  const Batch behind = batch_at(windows, 3);
  EXPECT_EQ(behind.counted, 0u);
  EXPECT_EQ(std::set<std::int64_t>(behind.targets.begin(), behind.targets.end()), std::set<std::int64_t>{kIgnore});
}

// The rows of batches with a memory, followed through whole epochs: each target once, each row where it ended before.
TEST(WindowBatches, WithAMemory_RowsReadOn) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const TokenSequences sequences = random_sequences(seed);
    const bool shuffled = seed % 2 == 0;
    const std::size_t context = 3 + seed, memory = 5 + 7 * (seed % 9);
    const WindowBatches windows(sequences, {.context_length = int(context),
                                            .batch_size = int(1 + seed % 5),
                                            .seed = seed,
                                            .order = shuffled ? WindowOrder::kShuffled : WindowOrder::kInOrder,
                                            .memory_length = int(memory)});
    const auto rows = std::size_t(windows.options().batch_size);
    const std::uint64_t steps = windows.batches_per_epoch();
    for (std::uint64_t epoch = 0; epoch < (shuffled ? 3 : 1); ++epoch) {
      std::set<std::int64_t> seen;
      std::vector<std::size_t> read(rows, 0);  // in this piece
      for (std::uint64_t step = epoch * steps; step < (epoch + 1) * steps; ++step) {
        std::vector<std::int64_t> inputs(rows * context), targets(inputs.size()), lengths(rows), remembered(rows);
        windows.batch(step, {inputs, targets, lengths, {}, remembered});
        for (std::size_t row = 0; row < rows; ++row) {
          const auto window = windows.window(step, int(row));
          const std::int64_t first = inputs[row * context];
          const std::size_t place = std::size_t(first - 10) % 1000;
          if (lengths[row] == 0) continue;
          if (place == 0 || step == epoch * steps) read[row] = 0;
          EXPECT_EQ(place % context, 0u);
          EXPECT_EQ(std::size_t(remembered[row]), std::min(memory, read[row])) << "seed " << seed;
          EXPECT_TRUE(shuffled || read[row] == place) << "a stretch begins with a piece";
          EXPECT_TRUE(remembered[row] == 0 || windows.window(step - 1, int(row)).piece == window.piece);
          for (std::size_t i = 0; i < window.length; ++i) EXPECT_TRUE(seen.insert(targets[row * context + i]).second);
          read[row] += window.length;
        }
      }
      EXPECT_EQ(seen.size(), windows.targets_per_epoch()) << "seed " << seed;
    }
  }
}

TEST(WindowBatches, WithAMemory_EpochsBeginElsewhere) {
  const TokenSequences sequences = sequences_of({100, 90, 80, 70, 60, 50});
  const WindowBatches windows(sequences, {.context_length = 10, .batch_size = 2, .seed = 1, .memory_length = 10});
  EXPECT_NE(batch_at(windows, 0), batch_at(windows, windows.batches_per_epoch()));
  EXPECT_EQ(batch_at(windows, 3), batch_at(WindowBatches(sequences, windows.options()), 3));
}

TEST(WindowBatches, Batch_CountsItsTargets) {
  const TokenSequences sequences = random_sequences(8);
  const WindowBatches windows(sequences, {.context_length = 32, .batch_size = 4});
  for (std::uint64_t step = 0; step < 20; ++step) {
    const Batch batch = batch_at(windows, step);
    const auto real = std::count_if(batch.targets.begin(), batch.targets.end(), [](auto t) { return t != kIgnore; });
    EXPECT_EQ(std::uint64_t(real), batch.counted);
  }
}

TEST(WindowBatches, Batch_DependsOnTheStepAlone) {
  const TokenSequences sequences = random_sequences(3);
  const WindowOptions options{.context_length = 24, .batch_size = 4, .seed = 5};
  const WindowBatches first(sequences, options), second(sequences, options);
  const Batch late = batch_at(first, 1000);
  for (std::uint64_t step = 0; step < 30; ++step) batch_at(second, step);
  EXPECT_EQ(batch_at(second, 1000), late);
  EXPECT_NE(batch_at(second, 1001), late);
  EXPECT_NE(batch_at(WindowBatches(sequences, {.context_length = 24, .batch_size = 4, .seed = 6}), 1000), late);
}

TEST(WindowBatches, Shuffled_CutsAndOrderChangeFromEpochToEpoch) {
  const TokenSequences sequences = sequences_of({900, 900});
  const WindowBatches windows(sequences, {.context_length = 100, .batch_size = 1});
  std::set<std::size_t> begins, orders;
  for (std::uint64_t epoch = 0; epoch < 40; ++epoch) {
    orders.insert(windows.window(epoch * windows.windows(), 0).piece * 1000 +
                  windows.window(epoch * windows.windows(), 0).begin);
    for (std::uint64_t i = 0; i < windows.windows(); ++i) {
      const auto window = windows.window(epoch * windows.windows() + i, 0);
      if (window.begin > 0) begins.insert(window.begin % 100);
    }
  }
  EXPECT_GT(begins.size(), 20u);
  EXPECT_GT(orders.size(), 20u);
}

TEST(WindowBatches, Shuffled_PieceThatFitsIsNeverCut) {
  const TokenSequences sequences = sequences_of({65, 64, 2, 30});
  const WindowBatches windows(sequences, {.context_length = 64, .batch_size = 4});
  ASSERT_EQ(windows.windows(), 4u);
  std::set<std::size_t> lengths;
  for (int row = 0; row < 4; ++row) lengths.insert(windows.window(7, row).length);
  EXPECT_EQ(lengths, (std::set<std::size_t>{64, 63, 1, 29}));
}

TEST(WindowBatches, SameToken_DealsBosAndEosToo) {
  const TokenSequences sequences = sequences_of({50, 7});
  const WindowBatches windows(
      sequences,
      {.context_length = 20, .batch_size = 2, .order = WindowOrder::kInOrder, .targets = WindowTargets::kSameToken});
  EXPECT_EQ(windows.targets_per_epoch(), 57u);
  std::set<std::int64_t> seen;
  for (std::uint64_t step = 0; step < windows.batches_per_epoch(); ++step) {
    const Batch batch = batch_at(windows, step);
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      if (batch.targets[i] == kIgnore) continue;
      EXPECT_EQ(batch.targets[i], batch.inputs[i]);
      seen.insert(batch.targets[i]);
    }
  }
  EXPECT_EQ(seen.size(), 57u);
}

TEST(WindowBatches, Packed_SameTargetsOncePerEpochAndHardlyAnyPadding) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const TokenSequences sequences = random_sequences(seed);
    for (const WindowOrder order : {WindowOrder::kShuffled, WindowOrder::kInOrder}) {
      const WindowBatches windows(sequences, {.context_length = int(2 + seed),
                                              .batch_size = 1,
                                              .seed = seed,
                                              .order = order,
                                              .packing = WindowPacking::kPacked});
      EXPECT_EQ(windows.targets_per_epoch(), sequences.tokens() - sequences.pieces());
      EXPECT_LE(windows.windows(), sequences.tokens() / (2 + seed) + 2);
      std::map<std::int64_t, int> seen;
      std::uint64_t counted = 0;
      for (std::uint64_t step = 0; step < windows.windows(); ++step) {
        const Batch batch = batch_at(windows, step);
        counted += batch.counted;
        for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
          if (batch.targets[i] == kIgnore) continue;
          ASSERT_EQ(batch.targets[i], batch.inputs[i] + 1) << "a target of another piece";
          ++seen[batch.targets[i]];
        }
      }
      EXPECT_EQ(counted, windows.targets_per_epoch());
      ASSERT_EQ(seen.size(), windows.targets_per_epoch());
      for (const auto& [target, count] : seen) ASSERT_EQ(count, 1);
    }
  }
}

TEST(WindowBatches, Packed_PiecesFollowEachOtherWhole) {
  const TokenSequences sequences = sequences_of({5, 3, 4});
  const WindowBatches windows(sequences, {.context_length = 8,
                                          .batch_size = 2,
                                          .order = WindowOrder::kInOrder,
                                          .targets = WindowTargets::kNextToken,
                                          .packing = WindowPacking::kPacked});
  const Batch batch = batch_at(windows, 0);
  EXPECT_EQ(batch.inputs, (std::vector<std::int64_t>{10, 11, 12, 13, 14, 1010, 1011, 1012,  //
                                                     2010, 2011, 2012, 0, 0, 0, 0, 0}));
  EXPECT_EQ(batch.targets, (std::vector<std::int64_t>{11, 12, 13, 14, -1, 1011, 1012, -1,  //
                                                      2011, 2012, 2013, -1, -1, -1, -1, -1}));
  EXPECT_EQ(batch.lengths, (std::vector<std::int64_t>{8, 3}));
  EXPECT_EQ(windows.window(0, 1).piece, 2u);
  EXPECT_EQ(windows.window(0, 1).begin, 0u);
}

TEST(WindowBatches, Ranks_ShareAnEpochWithoutOverlap) {
  const TokenSequences sequences = sequences_of({900, 500, 30, 400});
  for (const auto packing : {WindowPacking::kOnePiece, WindowPacking::kPacked}) {
    const WindowBatches windows(sequences, {.context_length = 50, .batch_size = 2, .seed = 4, .packing = packing});
    constexpr std::uint64_t kRanks = 3;
    std::set<std::pair<std::size_t, std::size_t>> dealt;
    std::size_t rows = 0;
    for (std::uint64_t step = 0; step < windows.windows() / 2 / kRanks; ++step) {
      for (std::uint64_t rank = 0; rank < kRanks; ++rank) {
        for (int row = 0; row < 2; ++row, ++rows) {
          const auto window = windows.window(step * kRanks + rank, row);
          dealt.insert({window.piece, window.begin});
        }
      }
    }
    EXPECT_EQ(dealt.size(), rows);
  }
}

TEST(WindowBatches, EmptySplit_GivesEmptyRows) {
  const TokenSequences none;
  const WindowBatches windows(none, {.context_length = 4, .batch_size = 2});
  EXPECT_EQ(windows.windows(), 0u);
  EXPECT_EQ(windows.batches_per_epoch(), 0u);
  EXPECT_EQ(batch_at(windows, 3).counted, 0u);
  const WindowBatches packed(none, {.context_length = 4, .batch_size = 2, .packing = WindowPacking::kPacked});
  EXPECT_EQ(packed.windows(), 0u);
  EXPECT_EQ(batch_at(packed, 3).counted, 0u);
}

}  // namespace
}  // namespace continuo::dataset
