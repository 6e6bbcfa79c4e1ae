#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cell_context.h"

namespace continuo::generate {

// Tokens as the model reads them, and as it would without what is asked of the notes (chords, notes a bar).
struct Reading {
  std::span<const TokenId> asked, plain;
};

// What a causal model reads of a piece in bars, and what it predicts under guidance: with a guidance g other than 1 a
// second context reads all but what is asked of the notes, and the logits of the words that are guided are plain + g
// (asked - plain), so that what is asked counts for more than the model has learned to make of it. The other legal
// words, and all guided ones together, are as likely as the model has learned: a chord that is asked for is to change
// the pitches, and not whether an instrument plays at all, which would silence it in half of the bars.
// Source: classifier-free guidance (Ho and Salimans, arXiv 2207.12598; for language models Sanchez et al., 2306.17806).
class GuidedContext {
 public:
  // `guided`: by token, what guidance is for. Errors: unsupported (the model is not causal). `request` must outlive it.
  static Result<GuidedContext> start(const Request& request, double guidance, std::vector<std::uint8_t> guided);

  std::size_t limit() const { return asked_.limit(); }
  void set_ahead(const std::vector<TokenId>& tokens);
  void add_bar(const std::vector<TokenId>& tokens);
  void read(Reading tokens);
  void read(std::span<const TokenId> tokens) { read({.asked = tokens, .plain = tokens}); }
  // After what was read last, for a choice among the legal words. Shape: legal and result [vocab]; valid until the next
  // call of this or of read().
  std::span<const float> logits(std::span<const std::uint8_t> legal);
  // The same without guidance: what the model has learned.
  std::span<const float> learned_logits() const { return asked_.logits(); }

 private:
  GuidedContext(CellContext asked, std::optional<CellContext> plain, double guidance, std::vector<std::uint8_t> guided)
      : asked_(std::move(asked)), plain_(std::move(plain)), guidance_(float(guidance)), guided_(std::move(guided)) {}

  CellContext asked_;
  std::optional<CellContext> plain_;
  float guidance_;
  std::vector<std::uint8_t> guided_;  // by token
  std::vector<float> mixed_;
  std::vector<std::size_t> guided_words_;  // that are legal
};

}  // namespace continuo::generate
