#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "continuo/engine/model.h"
#include "continuo/generate/compose.h"

namespace continuo::generate::testing {

// A model whose predictions are a function of the tokens before (causal) or of the whole window and a place in it.
// Its sessions refuse more than context_length tokens, as the engine's would.
class FakeModel final : public engine::Model {
 public:
  // `at` is the place whose prediction is wanted; causal models see tokens up to it.
  using Predict = std::function<void(std::span<const TokenId> tokens, std::size_t at, std::span<float> logits)>;

  FakeModel(checkpoint::ModelConfig config, Predict predict)
      : config_(std::move(config)), predict_(std::move(predict)) {}

  const checkpoint::ModelConfig& config() const override { return config_; }
  void forward(engine::Input input, std::span<float> logits, ThreadPool&) const override;
  engine::Precision precision() const override { return engine::Precision::kFp32; }
  std::size_t bytes_per_step(std::size_t) const override { return 0; }
  std::unique_ptr<engine::Session> new_session(ThreadPool& threads) const override;
  std::unique_ptr<engine::Ensemble> new_ensemble(int most_sessions, ThreadPool& threads) const override;
  void predict(std::span<const TokenId> tokens, std::size_t at, std::span<float> logits) const {
    predict_(tokens, at, logits);
  }

 private:
  checkpoint::ModelConfig config_;
  Predict predict_;
};

enum class Taste {
  kUniform,   // everything is as probable
  kWhim,      // pseudo-random, by place and last token
  kStubborn,  // always the same word
  kIllegal,   // loves PAD, BOS, EOS and MASK, and not-a-number
  kNoBars,    // shuns what lets time pass
};
inline constexpr Taste kTastes[] = {Taste::kUniform, Taste::kWhim, Taste::kStubborn, Taste::kIllegal, Taste::kNoBars};

struct FakeOptions {
  bool bidirectional = false;
  bool endless = false;  // an LSTM
  int context_length = 128;
};

Composer fake_composer(const std::string& tokenizer, Taste taste, FakeOptions options = {});

// A composer whose model knows one piece by heart: wherever a sequence continues as the piece does, the model is sure
// of the subword that encodes most of it. Requires: a tokenisation of tokenizer_named(), which encodes the piece.
Composer composer_of(std::shared_ptr<const tokens::Tokenizer> tokenizer, const score::Score& piece);

// A small piece of piano (two staves), bass and drums in 3/4, 384 ticks a quarter, with tempo changes and pedal.
score::Score small_piece(int bars = 6);
// A tokenisation, or subwords of one: "tsd bpe", "remi unigram". What is learned is learned from `corpus`, or from
// small_piece() and scales.
std::shared_ptr<const tokens::Tokenizer> tokenizer_named(const std::string& name);
std::shared_ptr<const tokens::Tokenizer> tokenizer_named(const std::string& name, std::span<const score::Score> corpus);
// Every tokenisation that there is, and BPE and Unigram over each.
std::vector<std::string> all_with_subwords();

// Empty when all is well: the tokens obey the grammar after `before`, and every note has a length.
std::string grammar_complaint(const tokens::Tokenizer& tokenizer, std::span<const TokenId> before,
                              const Composition& composition);

Result<Composition> run(const Composer& composer, const ComposeOptions& options, int threads = 1);

}  // namespace continuo::generate::testing
