#pragma once

#include <optional>
#include <vector>

#include "continuo/tokens/musical_position.h"

#include "../rules/token_facts.h"

namespace continuo::generate {

// Watches the bars that are drawn, and which of them are the same again.
//
// A model that has played a bar some times in a row grows surer each time that it comes once more, and may never leave
// it. After kMostEqualBars equal ones the next has to differ in its middle. What is compared is which keys are struck
// where; a bar without any has to get some. Of 112 pieces of game music 99 in 100 play no bar more often than that in a
// row (docs/results/control.md). Tokenisations in clock time have no bars: see NoteLoop. A model of subwords may still
// play the same bar in other subwords.
class BarLoop {
 public:
  static constexpr int kMostEqualBars = 4;

  // `facts` outlive it.
  explicit BarLoop(const TokenFacts& facts) : facts_(facts) {}

  // A token that has been drawn, and where the next one is.
  void push(TokenId token, const tokens::MusicalPosition& next);
  // The token that would play a bar once too often, where the next one could.
  std::optional<TokenId> avoided() const;

 private:
  void end_bar();

  const TokenFacts& facts_;
  // A token that strikes keys, and where in the bar it was read; a subword with a bar line belongs to the bar that it
  // begins.
  struct Strike {
    int place = 0;
    TokenId token = 0;
    friend bool operator==(const Strike&, const Strike&) = default;
  };
  std::vector<Strike> last_, present_;  // bars
  int equal_ = 0;                       // bars in a row, the last one included
  tokens::MusicalPosition at_;          // of the next token
};

}  // namespace continuo::generate
