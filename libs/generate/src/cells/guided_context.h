#pragma once

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
// second context reads all but what is asked of the notes, and the logits are plain + g (asked - plain), so that what
// is asked counts for more than the model has learned to make of it.
// Source: classifier-free guidance (Ho and Salimans, arXiv 2207.12598; for language models Sanchez et al., 2306.17806).
class GuidedContext {
 public:
  // Errors: unsupported (the model is not causal). `request` must outlive it.
  static Result<GuidedContext> start(const Request& request, double guidance);

  std::size_t limit() const { return asked_.limit(); }
  void set_ahead(const std::vector<TokenId>& tokens);
  void add_bar(const std::vector<TokenId>& tokens);
  void read(Reading tokens);
  void read(std::span<const TokenId> tokens) { read({.asked = tokens, .plain = tokens}); }
  // After what was read last. Shape: [vocab], valid until the next call of read().
  std::span<const float> logits() const { return plain_ ? std::span<const float>(mixed_) : asked_.logits(); }
  // The same without guidance: what the model has learned.
  std::span<const float> learned_logits() const { return asked_.logits(); }

 private:
  GuidedContext(CellContext asked, std::optional<CellContext> plain, double guidance)
      : asked_(std::move(asked)), plain_(std::move(plain)), guidance_(float(guidance)) {}
  void mix();

  CellContext asked_;
  std::optional<CellContext> plain_;
  float guidance_;
  std::vector<float> mixed_;
};

}  // namespace continuo::generate
