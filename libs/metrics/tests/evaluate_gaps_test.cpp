#include "continuo/metrics/evaluate_gaps.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/track_cells.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::metrics {
namespace {

// Every word is as likely as any other, unless bars were given ahead: then Silent and everything else differ.
class AheadModel final : public engine::Model {
 public:
  AheadModel(const tokens::Tokenizer& tokenizer, int context) : cells_(*tokenizer.track_cells()) {
    config_.masking = checkpoint::Masking::kCausal;
    config_.context_length = context;
    config_.vocab_size = tokenizer.vocabulary().size();
  }
  const checkpoint::ModelConfig& config() const override { return config_; }
  void forward(engine::Input input, std::span<float> logits, ThreadPool&) const override {
    const auto tokens = input.tokens;
    EXPECT_LE(int(tokens.size()), config_.context_length);
    windows.emplace_back(tokens.begin(), tokens.end());
    std::ranges::fill(logits, 0.0f);
    if (tokens[1] != cells_.ahead_start()) return;
    const auto vocab = std::size_t(config_.vocab_size);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) logits[i * vocab + std::size_t(tokens[i + 1])] = 3;
  }
  engine::Precision precision() const override { return engine::Precision::kFp32; }
  std::size_t bytes_per_step(std::size_t) const override { return 0; }
  std::unique_ptr<engine::Session> new_session(ThreadPool&) const override { return nullptr; }
  std::unique_ptr<engine::Ensemble> new_ensemble(int, ThreadPool&) const override { return nullptr; }

  mutable std::vector<std::vector<TokenId>> windows;

 private:
  const tokens::TrackCells& cells_;
  checkpoint::ModelConfig config_;
};

// A note of piano in each bar, one of bass in every second.
dataset::TokenSequences piece_of(const tokens::Tokenizer& tokenizer, int bars) {
  score::Score piece;
  piece.tracks.resize(2);
  piece.tracks[1].program = 33;
  for (int bar = 0; bar < bars; ++bar) {
    const score::Ticks onset(1920 * bar);
    piece.tracks[0].notes.push_back({onset, score::Ticks(480), std::uint8_t(60 + bar % 12), 80});
    if (bar % 2 == 0) piece.tracks[1].notes.push_back({onset, score::Ticks(480), 40, 80});
  }
  std::vector<std::uint16_t> tokens = {std::uint16_t(tokens::kBos)};
  const auto encoded = tokenizer.encode(piece);
  for (const TokenId token : encoded.value()) tokens.push_back(std::uint16_t(token));
  tokens.push_back(std::uint16_t(tokens::kEos));
  return dataset::TokenSequences::in_memory({tokens}, {"piece"});
}

class GapTest : public testing::Test {
 protected:
  Result<GapEvaluation> run(const engine::Model& model, const dataset::TokenSequences& data, GapOptions options) {
    return evaluate_gaps(model, data, *tokenizer_, options, threads_, progress_);
  }
  std::shared_ptr<const tokens::Tokenizer> tokenizer_ =
      tokens::make_beat_tokenizer("bar_tracks", {.velocity_bins = 0}).value();
  ThreadPool threads_{1};
  NoProgress progress_;
};

TEST_F(GapTest, BothSumsAreOfTheNotesAndSilencesOfTheGaps) {
  const AheadModel model(*tokenizer_, 512);
  const auto found = run(model, piece_of(*tokenizer_, 12), {.bars = 2});
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  EXPECT_EQ(found->pieces, 1u);
  EXPECT_EQ(found->gaps, 2u);  // bars 3-4 and 7-8; nothing follows 11-12
  // In two bars: two notes of piano and one of bass, of three words each, and one silence.
  EXPECT_EQ(found->before.tokens, found->gaps * 10);
  EXPECT_EQ(found->around.tokens, found->before.tokens);
  const double words = tokenizer_->vocabulary().size();
  EXPECT_NEAR(found->before.mean(), std::log(words), 1e-9);
  EXPECT_LT(found->around.mean(), std::log(words) - 2);
}

TEST_F(GapTest, BothReadTheSameBarsBeforeTheGap) {
  const AheadModel model(*tokenizer_, 60);
  const auto found = run(model, piece_of(*tokenizer_, 20), {.bars = 1, .max_gaps = 4});
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  EXPECT_EQ(found->gaps, 4u);
  ASSERT_EQ(model.windows.size(), 8u);
  for (std::size_t i = 0; i < 8; i += 2) {
    const auto& before = model.windows[i];
    const auto& around = model.windows[i + 1];
    ASSERT_LT(before.size(), around.size());
    EXPECT_TRUE(std::equal(before.begin() + 1, before.end(), around.end() - std::ptrdiff_t(before.size()) + 1));
  }
}

TEST_F(GapTest, RefusesWhatItCannotMeasure) {
  EXPECT_EQ(run(AheadModel(*tokenizer_, 8), piece_of(*tokenizer_, 20), {.bars = 4}).error().code, ErrorCode::empty);
  EXPECT_EQ(run(AheadModel(*tokenizer_, 512), piece_of(*tokenizer_, 3), {.bars = 4}).error().code, ErrorCode::empty);
  const auto remi = tokens::make_beat_tokenizer("remi_plus").value();
  const AheadModel model(*tokenizer_, 512);
  EXPECT_EQ(evaluate_gaps(model, piece_of(*tokenizer_, 20), *remi, {}, threads_, progress_).error().code,
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace continuo::metrics
