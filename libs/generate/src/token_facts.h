#pragma once

#include <cstdint>
#include <vector>

#include "continuo/tokens/tokenizer.h"

namespace continuo::generate {

// What composing has to know about a tokenisation's words, asked of the tokenisation once. Immutable.
struct TokenFacts {
  explicit TokenFacts(const tokens::Tokenizer& tokenizer);

  int vocab_size = 0;
  bool marks_bars = false;
  // Decoded ticks stand for clock time, whatever the tempo of the piece; otherwise for musical time.
  bool clock_time = false;
  // Shape: each [vocab_size], 1 or 0.
  std::vector<std::uint8_t> begins_bar;   // a new measure
  std::vector<std::uint8_t> advances;     // later time, a bar or a wait
  std::vector<std::uint8_t> sets_timing;  // meter or tempo

  bool is_bar(TokenId token) const { return begins_bar[std::size_t(token)] != 0; }
  // The lowest bar word. Requires: marks_bars.
  TokenId bar_token() const;
};

}  // namespace continuo::generate
