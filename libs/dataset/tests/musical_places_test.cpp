#include "continuo/dataset/musical_places.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/dataset/windows.h"
#include "continuo/tokens/chorale_grid.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

constexpr int kVoices = 4, kSteps = 16;
const MusicalPlace kNone = {999, 999};

// Chorales: BOS, so many sixteenths of four rests, EOS.
TokenSequences chorales(const tokens::Tokenizer& tokenizer, const std::vector<int>& sixteenths) {
  const auto rest = std::uint16_t(*tokenizer.vocabulary().find("Rest"));
  std::vector<std::vector<std::uint16_t>> pieces;
  std::vector<std::string> names;
  for (const int steps : sixteenths) {
    auto& piece = pieces.emplace_back(std::size_t(kVoices * steps), rest);
    piece.insert(piece.begin(), std::uint16_t(tokens::kBos));
    piece.push_back(std::uint16_t(tokens::kEos));
    names.push_back(std::to_string(names.size()));
  }
  return TokenSequences::in_memory(std::move(pieces), std::move(names));
}

// Of the token after this one of a piece. After BOS comes the first voice of the first sixteenth; EOS takes no place.
MusicalPlace expected(std::size_t index, std::int64_t token) {
  const std::size_t after = token == tokens::kEos ? index - 1 : index;
  return {std::uint16_t(after / kVoices % kSteps), std::uint16_t(after % kVoices)};
}

class MusicalPlacesTest : public ::testing::Test {
 protected:
  std::shared_ptr<const tokens::Tokenizer> tokenizer_ = tokens::make_chorale_grid();
  std::shared_ptr<const MusicalPlaces> places_ = std::make_shared<const MusicalPlaces>(*tokenizer_);
};

TEST_F(MusicalPlacesTest, CountFromTheStartOfThePiece) {
  EXPECT_EQ(places_->range(), (tokens::PositionRange{kSteps, kVoices, true}));
  const TokenSequences data = chorales(*tokenizer_, {20});
  const auto piece = data.piece(0);
  for (const std::size_t begin : {std::size_t{0}, std::size_t{1}, std::size_t{30}, piece.size() - 1}) {
    std::vector<MusicalPlace> out(piece.size() - begin, kNone);
    places_->read(piece, begin, out);
    for (std::size_t i = 0; i < out.size(); ++i)
      EXPECT_EQ(out[i], expected(begin + i, piece[begin + i])) << begin << " " << i;
  }
}

// Wherever a window begins, and whatever is packed before it, a token's place is that in its piece.
TEST_F(MusicalPlacesTest, OfWindows_AreThoseInThePieces) {
  const TokenSequences data = chorales(*tokenizer_, {3, 20, 1, 33, 9});
  for (const auto packing : {WindowPacking::kOnePiece, WindowPacking::kPacked}) {
    const WindowBatches windows(
        data, {.context_length = 24, .batch_size = 3, .seed = 5, .packing = packing, .places = places_});
    for (std::uint64_t step = 0; step < 2 * windows.batches_per_epoch(); ++step) {
      std::vector<std::int64_t> inputs(72), targets(72), lengths(3);
      std::vector<MusicalPlace> places(72, kNone);
      windows.batch(step, {inputs, targets, lengths, places});
      for (int row = 0; row < 3; ++row) {
        const auto from = windows.window(step, row);
        std::size_t index = from.begin;
        for (std::size_t i = std::size_t(row) * 24; i < std::size_t(row + 1) * 24; ++i, ++index) {
          if (inputs[i] == tokens::kBos) index = 0;
          const bool padding = i - std::size_t(row) * 24 >= from.length;
          EXPECT_EQ(places[i], padding ? MusicalPlace{} : expected(index, inputs[i]))
              << "step " << step << ", cell " << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace continuo::dataset
