#pragma once

#include <array>
#include <cstdint>

#include "../beat/beat_grammar.h"
#include "../beat/task_words.h"

namespace continuo::tokens {

// Within a bar tracks come in any order, each at most once, and the positions of each rise from the bar line on. The
// first part of a program has no Part word. Task words are never legal.
class BarTracksGrammar final : public BeatGrammar {
 public:
  using BeatGrammar::BeatGrammar;
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<BarTracksGrammar>(*this); }
  void reset() override;
  void accept(TokenId token) override;
  bool accept_if_legal(TokenId token) override;
  int tokens_to_close() const override;
  int tokens_to_close_after(TokenId token) const override;

 private:
  bool picks(WordKind kind) const override { return kind == WordKind::kProgram || kind == WordKind::kPart; }
  bool is_picked(WordKind kind, int value) const override;
  Values ordered_values(WordKind kind) const override;
  void advance(State& state, Word word) const override;
  // Whether a Part word has to follow `program`, which makes the way to the end one token longer.
  bool needs_part(int program) const { return program >= 0 && is_used(program, 0); }
  bool is_used(int program, int part) const { return (used_[std::size_t(program)] >> part & 1) != 0; }
  void use(int program, int part) { used_[std::size_t(program)] |= std::uint8_t(1 << part); }

  std::array<std::uint8_t, kVoices> used_{};  // by program, a bit for each part that has played in this bar
  int program_ = -1;                          // that a Program word has just named, before its part is known
};

}  // namespace continuo::tokens
