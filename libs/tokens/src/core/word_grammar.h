#pragma once

#include <limits>
#include <memory>

#include "continuo/tokens/token_grammar.h"

#include "word_list.h"

namespace continuo::tokens {

// A grammar whose legal words are, kind by kind, a range of values or some within it.
class WordGrammar : public TokenGrammar {
 public:
  void legal_tokens(std::span<std::uint8_t> legal) const override;
  bool is_legal(TokenId token) const override;
  // True where there are Durations.
  bool limit_notes(double longest) override {
    longest_note_ = longest;
    return list_->has(WordKind::kDuration);
  }

  // True where there are Programs.
  bool limit_instruments(const Instruments& instruments) override {
    if (!list_->has(WordKind::kProgram)) return false;
    instruments_ = instruments;
    return true;
  }

 protected:
  // The values of a kind that are legal: those from `from` up to, without, `to`, apart from `except`.
  struct Values {
    int from = 0, to = 0, except = -1;
    bool contains(int value) const { return value >= from && value < to && value != except; }
  };

  // Requires: words outlive the grammar.
  explicit WordGrammar(const WordList& words) : list_(&words) {}
  virtual Values legal_values(WordKind kind) const = 0;
  // Whether of a kind's legal range only the values that is_picked() names are legal.
  virtual bool picks(WordKind) const { return false; }
  virtual bool is_picked(WordKind, int) const { return true; }
  // How many values of Duration, the shortest first, last at most `longest`, in the units of limit_notes().
  virtual int durations_within(double) const { return std::numeric_limits<int>::max(); }
  double longest_note() const { return longest_note_; }
  // Whether limit_instruments() leaves this word.
  bool is_of_instruments(WordKind kind, int value) const;
  // Whether it leaves any of the programs from `program` on.
  bool any_instrument_from(int program) const { return (instruments_ >> std::size_t(program)).any(); }
  // The values of `legal` that a note may last. Shape: the first of them is among these.
  Values within_limit(WordKind kind, Values legal) const;

 private:
  const WordList* list_;
  double longest_note_ = kNoNoteLimit;
  Instruments instruments_ = Instruments().set();
};

}  // namespace continuo::tokens
