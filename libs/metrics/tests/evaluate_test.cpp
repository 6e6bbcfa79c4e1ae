#include "continuo/metrics/evaluate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <unistd.h>

#include "continuo/dataset/build.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/chorale_grid.h"
#include "continuo/tokens/performance.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::metrics {
namespace {

namespace fs = std::filesystem;
using score::Ticks;

constexpr int kVocab = 388 + tokens::kSpecialTokens;

// Logits are a function of a place's own token, and for a masked place of the one before.
class FakeModel final : public engine::Model {
 public:
  explicit FakeModel(checkpoint::Masking masking, int context = 16, int vocab = kVocab, bool uniform = false,
                     TokenId favourite = -1)
      : uniform_(uniform), favourite_(favourite) {
    config_.masking = masking;
    config_.context_length = context;
    config_.vocab_size = vocab;
  }
  const checkpoint::ModelConfig& config() const override { return config_; }
  void forward(engine::Input input, std::span<float> logits, ThreadPool&) const override {
    const auto tokens = input.tokens;
    ASSERT_LE(int(tokens.size()), config_.context_length);
    windows.emplace_back(tokens.begin(), tokens.end());
    places.emplace_back(input.places.begin(), input.places.end());
    for (std::size_t i = 0; i < tokens.size(); ++i)
      for (int word = 0; word < config_.vocab_size; ++word)
        logits[i * std::size_t(config_.vocab_size) + std::size_t(word)] = word == favourite_ ? 9
                                                                          : uniform_         ? 0
                                                                                             : logit(tokens[i], word);
  }
  engine::Precision precision() const override { return engine::Precision::kFp32; }
  std::size_t bytes_per_step(std::size_t) const override { return 0; }
  std::unique_ptr<engine::Session> new_session(ThreadPool&) const override { return nullptr; }
  std::unique_ptr<engine::Ensemble> new_ensemble(int, ThreadPool&) const override { return nullptr; }
  static float logit(TokenId before, int word) { return float((before * 31 + word * 17) % 23) / 4; }

  void set_places(int in_bar, int slots) {
    config_.places = in_bar;
    config_.slots = slots;
  }

  mutable std::vector<std::vector<TokenId>> windows;
  mutable std::vector<std::vector<MusicalPlace>> places;  // of each window

 private:
  checkpoint::ModelConfig config_;
  bool uniform_;
  TokenId favourite_;  // has the highest logit everywhere; -1: none
};

// A model with a memory, whose logits depend on how many tokens of the piece its session has read.
class RememberingModel final : public engine::Model {
 public:
  RememberingModel() {
    config_.vocab_size = kVocab;
    config_.context_length = 16;
    config_.memory_length = 8;
    config_.positions = checkpoint::Positions::kRotary;
  }
  const checkpoint::ModelConfig& config() const override { return config_; }
  void forward(engine::Input, std::span<float>, ThreadPool&) const override { FAIL() << "windows are read one by one"; }
  engine::Precision precision() const override { return engine::Precision::kFp32; }
  std::size_t bytes_per_step(std::size_t) const override { return 0; }
  std::unique_ptr<engine::Session> new_session(ThreadPool&) const override { return std::make_unique<Reader>(); }
  std::unique_ptr<engine::Ensemble> new_ensemble(int, ThreadPool&) const override { return nullptr; }

 private:
  class Reader final : public engine::Session {
   public:
    std::unique_ptr<engine::Session> fork() const override { return nullptr; }
    void reset() noexcept override { position_ = 0; }
    int position() const noexcept override { return position_; }
    bool full() const noexcept override { return false; }
    std::span<const float> prefill(engine::Input) override { return {}; }
    std::span<const float> step(TokenId, MusicalPlace) noexcept override {
      ++position_;
      for (int word = 0; word < kVocab; ++word)
        logits_[std::size_t(word)] = float((position_ * 31 + word * 17) % 23) / 4;
      return logits_;
    }

   private:
    int position_ = 0;
    std::vector<float> logits_ = std::vector<float>(kVocab);
  };
  checkpoint::ModelConfig config_;
};

// A data set of two small performances, all of it in one split or another.
class Evaluate : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("continuo_metrics_" + std::to_string(getpid()));
    fs::create_directories(folder_ / "music");
    for (int piece = 0; piece < 6; ++piece) {
      score::Score score;
      score.tracks.resize(1);
      for (int i = 0; i < 20; ++i)
        score.tracks[0].notes.push_back(
            {Ticks(i * 240), Ticks(200), std::uint8_t(50 + (i * (piece + 3)) % 31), std::uint8_t(60 + i)});
      ASSERT_TRUE(notation::write_score(score, folder_ / "music" / (std::to_string(piece) + ".mid")).ok());
    }
    NoProgress progress;
    ThreadPool threads(1);
    dataset::BuildOptions options;
    options.source = folder_ / "music";
    options.output = folder_ / "data";
    options.tokenizer = "performance";
    const auto built = dataset::build(options, threads, progress);
    ASSERT_TRUE(built.ok()) << built.error().to_line();
    auto opened = dataset::TokenDataset::open(folder_ / "data");
    ASSERT_TRUE(opened.ok()) << opened.error().to_line();
    data_ = std::make_unique<dataset::TokenDataset>(std::move(*opened));
  }
  void TearDown() override {
    data_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // The split with most in it.
  const dataset::TokenSequences& sequences() const {
    const dataset::TokenSequences* best = &data_->split(dataset::Split::kTrain);
    for (const auto split : {dataset::Split::kValidation, dataset::Split::kTest})
      if (data_->split(split).pieces() > best->pieces()) best = &data_->split(split);
    return *best;
  }
  static Result<Evaluation> run(const engine::Model& model, const dataset::TokenSequences& data,
                                EvaluateOptions options = {}, int threads = 1) {
    ThreadPool pool(threads);
    NoProgress progress;
    return evaluate(model, data, options, pool, progress);
  }

  fs::path folder_;
  std::unique_ptr<dataset::TokenDataset> data_;
};

TEST_F(Evaluate, AModelWithAMemory_ReadsAPieceFromEndToEndWhateverItsWindows) {
  const RememberingModel model;
  const auto whole = run(model, sequences(), {.context = 1000});
  ASSERT_TRUE(whole.ok()) << whole.error().to_line();
  for (const int context : {0, 5, 17}) {
    const auto windows = run(model, sequences(), {.context = context});
    ASSERT_TRUE(windows.ok()) << windows.error().to_line();
    EXPECT_NEAR(windows->nll_nats_per_token, whole->nll_nats_per_token, 1e-9) << context;
    EXPECT_EQ(windows->tokens, whole->tokens);
  }
  EXPECT_EQ(run(model, sequences(), {.context = 8, .stride = 4}).error().code, ErrorCode::invalid_argument);
}

TEST_F(Evaluate, Uniform_NllIsLogOfVocabulary) {
  const FakeModel model(checkpoint::Masking::kCausal, 16, kVocab, true);
  const auto result = run(model, sequences());
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result->nll_nats_per_token, std::log(kVocab), 1e-9);
  EXPECT_NEAR(result->perplexity, kVocab, 1e-6);
  EXPECT_EQ(result->accuracy, 0);  // a tie goes to PAD
  EXPECT_EQ(result->pieces, sequences().pieces());
  EXPECT_EQ(result->tokens, sequences().tokens() - sequences().pieces());
}

TEST_F(Evaluate, Causal_EveryTokenAfterBosOnceByItsOwnContext) {
  const FakeModel model(checkpoint::Masking::kCausal);
  const auto result = run(model, sequences());
  ASSERT_TRUE(result.ok());
  double nll = 0, right = 0, count = 0;
  for (std::size_t p = 0; p < sequences().pieces(); ++p) {
    const auto piece = sequences().piece(p);
    for (std::size_t i = 1; i < piece.size(); ++i) {
      double sum = 0;
      int best = 0;
      for (int word = 0; word < kVocab; ++word) {
        sum += std::exp(double(FakeModel::logit(piece[i - 1], word)));
        if (FakeModel::logit(piece[i - 1], word) > FakeModel::logit(piece[i - 1], best)) best = word;
      }
      nll += std::log(sum) - double(FakeModel::logit(piece[i - 1], piece[i]));
      right += best == piece[i];
      ++count;
    }
  }
  EXPECT_NEAR(result->nll_nats_per_token, nll / count, 1e-9);
  EXPECT_DOUBLE_EQ(result->accuracy, right / count);
  // Windows stand side by side: together they are the pieces without their last tokens.
  std::size_t tokens = 0;
  for (const auto& window : model.windows) tokens += window.size();
  EXPECT_EQ(double(tokens), count);
  EXPECT_EQ(model.windows[0][0], tokens::kBos);
  EXPECT_EQ(model.windows[1][0], TokenId(sequences().piece(0)[16]));
}

// A model of the data's most frequent token is right as often as that token comes.
TEST_F(Evaluate, Accuracy_CountsTheBestTokens) {
  std::vector<double> counts(kVocab);
  for (std::size_t p = 0; p < sequences().pieces(); ++p)
    for (const auto token : sequences().piece(p).subspan(1)) ++counts[token];
  const auto usual = std::max_element(counts.begin(), counts.end()) - counts.begin();
  const FakeModel model(checkpoint::Masking::kCausal, 16, kVocab, false, TokenId(usual));
  const auto result = run(model, sequences());
  ASSERT_TRUE(result.ok());
  EXPECT_GT(counts[std::size_t(usual)], 0);
  EXPECT_DOUBLE_EQ(result->accuracy, counts[std::size_t(usual)] / double(result->tokens));
}

TEST_F(Evaluate, TokensPerSecond_IsByTheClock) {
  const FakeModel model(checkpoint::Masking::kCausal);
  const auto start = std::chrono::steady_clock::now();
  const auto result = run(model, sequences());
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ASSERT_TRUE(result.ok());
  EXPECT_GE(result->tokens_per_second, double(result->tokens) / elapsed);
  EXPECT_LT(result->tokens_per_second, 1e9);
}

TEST_F(Evaluate, Threads_ChangeNoBit) {
  const FakeModel model(checkpoint::Masking::kCausal);
  EXPECT_EQ(run(model, sequences(), {}, 1)->nll_nats_per_token, run(model, sequences(), {}, 3)->nll_nats_per_token);
}

TEST_F(Evaluate, Traits_GiveBitsPerNote) {
  const FakeModel model(checkpoint::Masking::kCausal, 16, kVocab, true);
  const auto tokenizer = tokens::make_performance();
  const auto result = run(model, sequences(), {.tokenizer = tokenizer.get()});
  ASSERT_TRUE(result.ok());
  const double bits = double(result->tokens) * std::log2(kVocab);
  EXPECT_NEAR(result->bits_per_note, bits / (20.0 * double(sequences().pieces())), 1e-6);
}

// A model whose predictions depend on one token alone: windows change nothing but who predicts what.
TEST_F(Evaluate, OverlappingWindows_PredictEachTokenOnce) {
  const FakeModel model(checkpoint::Masking::kCausal);
  const auto whole = run(model, sequences());
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->context, 16);
  EXPECT_EQ(whole->stride, 16);
  EXPECT_EQ(whole->windows, model.windows.size());
  for (const int stride : {1, 5, 8, 15, 16}) {
    const FakeModel again(checkpoint::Masking::kCausal);
    const auto result = run(again, sequences(), {.stride = stride});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->tokens, whole->tokens) << stride;
    EXPECT_NEAR(result->nll_nats_per_token, whole->nll_nats_per_token, 1e-9) << stride;
    EXPECT_EQ(result->windows, again.windows.size());
    const auto piece = sequences().piece(0);
    EXPECT_EQ(again.windows[1][0], TokenId{piece[std::size_t(stride)]});
  }
  const FakeModel short_sighted(checkpoint::Masking::kCausal);
  const auto result = run(short_sighted, sequences(), {.context = 7, .stride = 3});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->context, 7);
  EXPECT_EQ(result->tokens, whole->tokens);
  for (const auto& window : short_sighted.windows) EXPECT_LE(window.size(), 7u);
}

TEST_F(Evaluate, Windows_OutOfRangeAreRefused) {
  const FakeModel causal(checkpoint::Masking::kCausal), masked(checkpoint::Masking::kBidirectional);
  EXPECT_EQ(run(causal, sequences(), {.context = 17}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(run(causal, sequences(), {.context = -1}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(run(causal, sequences(), {.stride = 17}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(run(causal, sequences(), {.context = 8, .stride = 9}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(run(masked, sequences(), {.stride = 8}).error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(run(masked, sequences(), {.stride = 16}).ok());
  for (const EvaluateOptions& options : {EvaluateOptions{.context = 17}, EvaluateOptions{.context = -1}})
    EXPECT_TRUE(check_windows(causal.config(), options).error().what.starts_with("context: "));
  EXPECT_EQ(check_windows(causal.config(), {.context = 8, .stride = 9}).error().what,
            "stride: must be at most the 8 tokens of a window");
  EXPECT_TRUE(check_windows(causal.config(), {.context = 8, .stride = 8}).ok());
}

TEST_F(Evaluate, QuartersAndKinds_AddUpToAllTokens) {
  const FakeModel model(checkpoint::Masking::kCausal, 16, kVocab, true);
  const auto tokenizer = tokens::make_performance();
  const auto result = run(model, sequences(), {.tokenizer = tokenizer.get()});
  ASSERT_TRUE(result.ok());
  std::array<std::uint64_t, 4> quarters{};
  for (const auto& window : model.windows)
    for (std::size_t i = 0; i < window.size(); ++i) ++quarters[i / 4];
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(result->quarters[i].tokens, quarters[i]) << i;
    EXPECT_NEAR(result->quarters[i].mean(), std::log(kVocab), 1e-9);
  }
  std::uint64_t tokens = 0;
  for (const auto& [kind, sum] : result->kinds) tokens += sum.tokens;
  EXPECT_EQ(tokens, result->tokens);
  EXPECT_EQ(result->kinds.at("EOS").tokens, sequences().pieces());
  EXPECT_EQ(result->kinds.at("NoteOn").tokens, 20 * sequences().pieces());
  EXPECT_FALSE(result->kinds.contains("other"));
}

// The piece lasts as long as its waits: all nats over all steps of 10 ms.
TEST_F(Evaluate, NatsPerStep_AreByTheTimeOfTheMusic) {
  const FakeModel model(checkpoint::Masking::kCausal, 16, kVocab, true);
  const auto tokenizer = tokens::make_performance();
  const auto result = run(model, sequences(), {.tokenizer = tokenizer.get()});
  ASSERT_TRUE(result.ok());
  std::int64_t steps = 0;
  for (std::size_t p = 0; p < sequences().pieces(); ++p) {
    const auto meter = tokenizer->length_meter();
    for (const std::uint16_t token : sequences().piece(p)) meter->accept(token);
    steps += meter->position().step;
  }
  EXPECT_GT(steps, 0);
  EXPECT_NEAR(result->nats_per_step, double(result->tokens) * std::log(kVocab) / double(steps), 1e-9);
}

// A model with musical places is given those of the piece, in windows that begin anywhere, and refuses a tokenizer with
// others.
TEST_F(Evaluate, MusicalPlaces_AreThoseOfThePiece) {
  const auto chorales = tokens::make_chorale_grid();
  std::vector<std::uint16_t> piece(1 + 4 * 30, std::uint16_t(*chorales->vocabulary().find("Pitch_60")));
  piece[0] = std::uint16_t(tokens::kBos);
  const auto data = dataset::TokenSequences::in_memory({piece}, {"piece"});
  FakeModel model(checkpoint::Masking::kCausal, 16, chorales->vocabulary().size(), true);
  model.set_places(16, 4);
  ASSERT_TRUE(run(model, data, {.stride = 11, .tokenizer = chorales.get()}).ok());
  for (std::size_t w = 0; w < model.places.size(); ++w) {
    ASSERT_EQ(model.places[w].size(), model.windows[w].size());
    for (std::size_t i = 0; i < model.places[w].size(); ++i) {
      const std::size_t next = 11 * w + i;  // after BOS comes token 0 of the first step
      EXPECT_EQ(model.places[w][i], (MusicalPlace{std::uint16_t(next / 4 % 16), std::uint16_t(next % 4)}))
          << w << " " << i;
    }
  }
  EXPECT_EQ(run(model, data, {}).error().code, ErrorCode::incompatible);
  model.set_places(16, 3);
  EXPECT_EQ(run(model, data, {.tokenizer = chorales.get()}).error().code, ErrorCode::incompatible);
}

TEST_F(Evaluate, MaxTokens_StopsAfterTheWindow) {
  const FakeModel model(checkpoint::Masking::kCausal);
  EXPECT_EQ(run(model, sequences(), {.max_tokens = 20})->tokens, 32u);
}

// The logits of a masked token are those of MASK, so the NLL of each is known here.
TEST_F(Evaluate, Bidirectional_IsTheMeanOverWindowsOfTheMeanOfTheirMasks) {
  const FakeModel model(checkpoint::Masking::kBidirectional, 40);
  const auto result = run(model, sequences(), {.seed = 5, .mask_draws = 3});
  ASSERT_TRUE(result.ok());
  double partition = 0;
  for (int word = 0; word < kVocab; ++word) partition += std::exp(double(FakeModel::logit(tokens::kMask, word)));
  std::uint64_t masked = 0;
  double sum = 0, weight = 0;
  std::set<long> counts;
  std::size_t at = 0;
  for (std::size_t piece = 0; piece < sequences().pieces(); ++piece) {
    const auto tokens = sequences().piece(piece);
    for (std::size_t begin = 0; begin < tokens.size(); begin += 40) {
      const std::size_t length = std::min<std::size_t>(40, tokens.size() - begin);
      for (int draw = 0; draw < 3; ++draw) {
        const auto& window = model.windows.at(at++);
        ASSERT_EQ(window.size(), length);
        double nll = 0;
        long here = 0;
        for (std::size_t i = 0; i < length; ++i) {
          if (window[i] != tokens::kMask) continue;
          nll += std::log(partition) - double(FakeModel::logit(tokens::kMask, tokens[begin + i]));
          ++here;
        }
        counts.insert(here);
        const double maskable = double(length) - (begin == 0 ? 1 : 0);
        sum += nll / double(here) * maskable;
        weight += maskable;
        masked += std::uint64_t(here);
      }
    }
  }
  EXPECT_EQ(at, model.windows.size());
  EXPECT_EQ(result->tokens, masked);
  EXPECT_NEAR(result->nll_nats_per_token, sum / weight, 1e-6);
  EXPECT_GT(counts.size(), 5u) << "shares differ from draw to draw";
}

TEST_F(Evaluate, Bidirectional_MasksBySeed) {
  const FakeModel model(checkpoint::Masking::kBidirectional, 40);
  const auto result = run(model, sequences(), {.seed = 5});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(run(model, sequences(), {.seed = 5})->nll_nats_per_token, result->nll_nats_per_token);
  EXPECT_NE(run(model, sequences(), {.seed = 6})->nll_nats_per_token, result->nll_nats_per_token);
}

TEST_F(Evaluate, Shards_AreTogetherTheWholeToTheBit) {
  ThreadPool pool(1);
  NoProgress progress;
  for (const auto masking : {checkpoint::Masking::kCausal, checkpoint::Masking::kBidirectional}) {
    const FakeModel model(masking);
    EvaluateOptions options{.seed = 3, .mask_draws = 2, .stride = masking == checkpoint::Masking::kCausal ? 7 : 0};
    const auto whole = measure_pieces(model, sequences(), options, pool, progress);
    ASSERT_TRUE(whole.ok()) << whole.error().to_line();
    std::map<std::size_t, EvaluationSums> shards;
    options.shard_count = 3;
    for (options.shard_index = 0; options.shard_index < 3; ++options.shard_index) {
      const auto shard = measure_pieces(model, sequences(), options, pool, progress);
      ASSERT_TRUE(shard.ok());
      shards.insert(shard->by_piece.begin(), shard->by_piece.end());
    }
    EXPECT_EQ(shards, whole->by_piece);
    EXPECT_EQ(whole->pieces_of_split, sequences().pieces());
  }
}

TEST_F(Evaluate, CannotBe_SaysWhy) {
  const FakeModel small(checkpoint::Masking::kCausal, 16, 20);
  EXPECT_EQ(run(small, sequences()).error().code, ErrorCode::incompatible);
  EXPECT_EQ(run(small, dataset::TokenSequences{}).error().code, ErrorCode::empty);
}

}  // namespace
}  // namespace continuo::metrics
