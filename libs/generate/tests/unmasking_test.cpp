#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "continuo/score/bar_grid.h"

#include "../src/unmasking/unmasker.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Score;
using score::Ticks;

// A bidirectional model that knows a piece by heart and is surer of a token the later it is in the piece. It counts the
// masks of each window that it has seen. Requires: the window starts with BOS and the piece's beginning.
struct ByHeart {
  explicit ByHeart(std::shared_ptr<const tokens::Tokenizer> tokenizer, std::vector<TokenId> known, int context = 2048)
      : piece(std::move(known)) {
    checkpoint::ModelConfig config;
    config.vocab_size = tokenizer->vocabulary().size();
    config.context_length = context;
    config.masking = checkpoint::Masking::kBidirectional;
    config.preset = "bert";
    composer.tokenizer = std::move(tokenizer);
    composer.model = std::make_shared<FakeModel>(
        config, [this](std::span<const TokenId> window, std::size_t at, std::span<float> logits) {
          if (at == 0) {
            masks.push_back(std::size_t(std::count(window.begin(), window.end(), tokens::kMask)));
            windows.emplace_back(window.begin(), window.end());
          }
          std::fill(logits.begin(), logits.end(), 0.0f);
          if (at > 0 && at <= piece.size()) logits[std::size_t(piece[at - 1])] = logit(at);
        });
  }

  static float logit(std::size_t at) { return 12.0f + 0.01f * float(at); }

  std::vector<TokenId> piece;
  std::vector<std::size_t> masks;
  std::vector<std::vector<TokenId>> windows;
  Composer composer;
};

// The tokens of small_piece with [begin, end) masked.
struct Masked {
  std::vector<TokenId> before;
  MaskedBlock block;  // without its left part
  std::vector<TokenId> wanted;
};

Masked mask(std::span<const TokenId> piece, std::size_t begin, std::size_t end) {
  Masked masked;
  masked.before.assign(piece.begin(), piece.begin() + std::ptrdiff_t(begin));
  masked.block.slots.assign(end - begin, tokens::kMask);
  masked.block.right.assign(piece.begin() + std::ptrdiff_t(end), piece.end());
  masked.wanted.assign(piece.begin() + std::ptrdiff_t(begin), piece.begin() + std::ptrdiff_t(end));
  return masked;
}

Result<std::vector<TokenId>> fill(ByHeart& model, const Masked& masked, int rounds, double temperature = 0,
                                  int refinements = 0) {
  const TokenFacts facts(*model.composer.tokenizer);
  ComposeOptions options{.rounds = rounds, .refinements = refinements};
  options.sampler.temperature = temperature;
  ThreadPool threads(1);
  NoProgress progress;
  const Request request{model.composer, facts, options, threads, progress};
  History history(*model.composer.tokenizer, facts);
  CONTINUO_TRY(history.append(masked.before));
  MaskedBlock block = masked.block;
  block.left = history.context(masked.before.size() + 2);
  return Unmasker(request, 1).fill(history, block);
}

TEST(Unmasker, WhatTheModelKnowsIsFilledIn) {
  for (const std::string name : {"remi", "performance", "note_chord", "tsd", "remi bpe"}) {
    const auto tokenizer = tokenizer_named(name);
    const auto piece = tokenizer->encode(small_piece(3)).value();
    // The grammar counts base tokens until a piece can end, so a subword of several of them is not drawn last.
    const bool has_subwords = name.find(' ') != std::string::npos;
    const std::size_t third = piece.size() / 3;
    for (const auto& [begin, end] : {std::pair{third, 2 * third}, {std::size_t(0), third}, {third, piece.size()}}) {
      for (const int rounds : {1, 2, 7}) {
        ByHeart model(tokenizer, piece);
        Masked masked = mask(piece, begin, end);
        masked.block.more_slots = end == piece.size() && !has_subwords ? 0 : kUnlimited;
        const auto filled = fill(model, masked, rounds);
        ASSERT_TRUE(filled.ok());
        EXPECT_EQ(*filled, masked.wanted) << name << " " << rounds;
        ASSERT_EQ(model.windows.size(), std::size_t(rounds));
        for (const auto& window : model.windows) EXPECT_EQ(window.size(), piece.size() + 1);
      }
    }
  }
}

// Every run of masks between given tokens has to be complete, so these are where a note may begin.
TEST(Unmasker, GivenTokensStay) {
  const auto tokenizer = tokenizer_named("remi");
  const auto piece = tokenizer->encode(small_piece(3)).value();
  ByHeart model(tokenizer, piece);
  Masked masked = mask(piece, 20, 60);
  const auto grammar = tokenizer->grammar();
  std::size_t given = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    if (i >= 20 && grammar->can_end()) {
      masked.block.slots[i - 20] = piece[i];
      ++given;
    }
    grammar->accept(piece[i]);
  }
  masked.block.more_slots = kUnlimited;
  EXPECT_GT(given, 5u);
  EXPECT_EQ(fill(model, masked, 4).value(), masked.wanted);
  EXPECT_EQ(model.masks[0], 40 - given);
}

// Source: MaskGIT, section 3.2: after round r of R, cos(pi/2 r/R) of the masks are left.
TEST(Unmasker, MasksAreLeftByTheCosineSchedule) {
  const auto tokenizer = tokenizer_named("remi");
  const auto piece = tokenizer->encode(small_piece(3)).value();
  for (const int rounds : {1, 3, 8}) {
    ByHeart model(tokenizer, piece);
    Masked masked = mask(piece, 10, 50);
    masked.block.more_slots = kUnlimited;
    ASSERT_TRUE(fill(model, masked, rounds).ok());
    for (int round = 0; round < rounds; ++round) {
      const double share = std::cos(std::numbers::pi / 2 * round / rounds);
      EXPECT_EQ(double(model.masks[std::size_t(round)]), std::ceil(share * 40)) << rounds << " " << round;
    }
  }
}

TEST(Unmasker, RefinementsMaskLessAndLess) {
  const auto tokenizer = tokenizer_named("remi");
  const auto piece = tokenizer->encode(small_piece(20)).value();
  ByHeart model(tokenizer, piece);
  Masked masked = mask(piece, 10, 210);
  masked.block.more_slots = kUnlimited;
  EXPECT_EQ(fill(model, masked, 2, 1, 8).value(), masked.wanted) << "what the model is sure of stays";
  ASSERT_EQ(model.masks.size(), 10u);
  for (std::size_t n = 0; n < 8; ++n) {
    const double share = 0.5 - 0.45 * std::min(1.0, double(n) / 6);
    EXPECT_NEAR(double(model.masks[2 + n]) / 200, share, 0.12) << n;
  }
}

// The confidence of a token is its probability among the legal ones. The model is right everywhere, so the grammar can
// be walked along the piece to compute it.
std::vector<double> confidences(const ByHeart& model, std::size_t begin, std::size_t end) {
  const auto grammar = model.composer.tokenizer->grammar();
  std::vector<std::uint8_t> legal(std::size_t(model.composer.tokenizer->vocabulary().size()));
  std::vector<double> confidences;
  for (std::size_t i = 0; i < end; ++i) {
    grammar->legal_tokens(legal);
    const auto others = std::count(legal.begin() + tokens::kSpecialTokens, legal.end(), 1) - 1;
    if (i >= begin) confidences.push_back(1 / (1 + double(others) * std::exp(-ByHeart::logit(i + 1))));
    grammar->accept(model.piece[i]);
  }
  return confidences;
}

TEST(Unmasker, TheLeastConfidentAreMaskedAgain) {
  const auto tokenizer = tokenizer_named("remi");
  const auto piece = tokenizer->encode(small_piece(3)).value();
  const auto masked_after_a_round = [&](double temperature) {
    ByHeart model(tokenizer, piece);
    Masked masked = mask(piece, 10, 50);
    masked.block.more_slots = kUnlimited;
    EXPECT_TRUE(fill(model, masked, 2, temperature).ok());
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < 40; ++i)
      if (model.windows[1][11 + i] == tokens::kMask) places.push_back(i);
    return places;
  };
  const ByHeart model(tokenizer, piece);
  const auto confidence = confidences(model, 10, 50);
  std::vector<std::size_t> wanted(40);
  std::iota(wanted.begin(), wanted.end(), std::size_t(0));
  std::stable_sort(wanted.begin(), wanted.end(),
                   [&](std::size_t a, std::size_t b) { return confidence[a] > confidence[b]; });
  wanted.erase(wanted.begin(), wanted.begin() + 40 - 29);  // ceil(40 cos(pi/4)) are masked
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(masked_after_a_round(0), wanted);
  EXPECT_NE(masked_after_a_round(0.1), wanted) << "with noise";
}

// A run of one mask more than the model has use for, before a bar line: it stays unused.
TEST(Unmasker, ARunThatCannotBeUsedIsCutShort) {
  const auto tokenizer = tokenizer_named("remi");
  const TokenFacts facts(*tokenizer);
  const auto piece = tokenizer->encode(small_piece(4)).value();
  const auto starts = tokenizer->bar_starts(piece);
  for (const std::size_t extra : {1, 2, 3, 7}) {
    ByHeart model(tokenizer, piece);
    Masked masked = mask(piece, starts[1] + 1, starts[2]);
    masked.block.slots.insert(masked.block.slots.end(), extra, tokens::kMask);
    masked.block.slots.push_back(facts.bar_token());
    masked.block.rules = {.allow_bars = false, .allow_timing = false};
    masked.block.more_slots = 0;
    const auto filled = fill(model, masked, 5);
    ASSERT_TRUE(filled.ok());
    const auto grammar = tokenizer->grammar();
    for (const TokenId token : masked.before) ASSERT_TRUE(grammar->accept_if_legal(token));
    for (const TokenId token : *filled) ASSERT_TRUE(grammar->accept_if_legal(token));
    EXPECT_TRUE(grammar->can_end());
    EXPECT_EQ(filled->back(), facts.bar_token());
    EXPECT_LE(filled->size(), masked.block.slots.size());
    EXPECT_TRUE(std::equal(masked.wanted.begin(), masked.wanted.end() - 4, filled->begin()));
  }
}

// Masks for the exact numbers of tokens, and a model that knows the piece: what comes back is the piece. Anything wrong
// with bar lines, context, masks or ticks leaves a note out, moves it or adds one.
TEST(FillByHeart, BarsComeBackAsTheyWere) {
  const auto tokenizer = tokenizer_named("remi");
  Score piece = small_piece(8);
  piece.tempos.resize(1);  // tempos within a bar are not drawn
  piece = tokenizer->quantise(piece).value();
  piece.sort();
  const auto known = tokenizer->encode(piece).value();
  const auto starts = tokenizer->bar_starts(known);
  for (const BarRange range : {BarRange{1, 1}, BarRange{3, 3}, BarRange{2, 5}, BarRange{8, 8}, BarRange{1, 8}}) {
    SCOPED_TRACE(std::to_string(range.first) + "-" + std::to_string(range.last));
    ByHeart model(tokenizer, known);
    ComposeOptions options{.primer = piece, .fill = range, .rounds = 3};
    options.sampler.temperature = 0;
    const auto made = run(model.composer, options);
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(made->score.tracks, piece.tracks);
    EXPECT_EQ(made->primer_tokens, known.size());
    const std::size_t begin = starts[std::size_t(range.first) - 1];
    const std::size_t end = range.last == 8 ? known.size() : starts[std::size_t(range.last)];
    const auto wanted = std::span(known).subspan(begin, end - begin);
    EXPECT_EQ(made->tokens, std::vector<TokenId>(wanted.begin(), wanted.end()));
  }
}

// A block is never larger than the context, and the music on both sides is seen.
TEST(Fill, BlocksSeeBothContexts) {
  const auto tokenizer = tokenizer_named("remi");
  const Score piece = tokenizer->quantise(small_piece(16)).value();
  const auto known = tokenizer->encode(piece).value();
  const auto starts = tokenizer->bar_starts(known);
  ByHeart model(tokenizer, known, 160);
  ComposeOptions options{.primer = piece, .fill = BarRange{7, 8}, .rounds = 1};
  options.sampler.temperature = 0;
  ASSERT_TRUE(run(model.composer, options).ok());
  ASSERT_EQ(model.windows.size(), 1u);
  const auto& window = model.windows[0];
  EXPECT_LE(window.size(), 160u);
  const std::size_t total = starts[8] - starts[6], right = (160 - total) / 2;
  EXPECT_TRUE(
      std::equal(window.end() - std::ptrdiff_t(right), window.end(), known.begin() + std::ptrdiff_t(starts[8])));
  EXPECT_NE(window[window.size() - right - 1], known[starts[8] - 1]) << "what is asked for is masked";
  // The left context is as long as fits, from a bar line on.
  const std::size_t left = window.size() - right - total;
  EXPECT_EQ(window[0], tokens::kBos);
  EXPECT_TRUE(std::equal(window.begin() + 1, window.begin() + std::ptrdiff_t(left),
                         known.begin() + std::ptrdiff_t(starts[6] - (left - 1))));
  EXPECT_GT(left, (160 - total - right) / 2);
}

// Bars that are still to be rewritten are no context, so of several blocks only the last sees what follows.
TEST(Fill, OnlyTheLastBlockSeesWhatFollows) {
  const auto tokenizer = tokenizer_named("remi");
  const Score piece = tokenizer->quantise(small_piece(16)).value();
  const auto known = tokenizer->encode(piece).value();
  const auto starts = tokenizer->bar_starts(known);
  ByHeart model(tokenizer, known, 160);
  ComposeOptions options{.primer = piece, .fill = BarRange{2, 9}, .rounds = 1};
  options.sampler.temperature = 0;
  ASSERT_TRUE(run(model.composer, options).ok());
  ASSERT_GT(model.windows.size(), 1u);
  const auto after = std::span(known).subspan(starts[9], 40);  // half of what the bars leave of the context
  for (std::size_t i = 0; i < model.windows.size(); ++i) {
    const auto& window = model.windows[i];
    const bool sees = std::equal(after.begin(), after.end(), window.end() - std::ptrdiff_t(after.size()));
    EXPECT_EQ(sees, i + 1 == model.windows.size()) << "block " << i;
  }
}

TEST(Fill, SilenceThatTheTokenisationShortens_IsRefused) {
  Score piece = small_piece(2);
  piece.tracks[0].notes.push_back({Ticks(4000 * 1152), Ticks(100), 60, 80});
  const auto tokenizer = tokenizer_named("remi");
  const auto quantised = tokenizer->quantise(piece).value();
  if (quantised.end() == piece.end()) GTEST_SKIP() << "this tokenisation counts any silence";
  const Composer c = fake_composer("remi", Taste::kUniform, {.bidirectional = true});
  const auto made = run(c, {.primer = piece, .fill = BarRange{1, 1}});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace continuo::generate
