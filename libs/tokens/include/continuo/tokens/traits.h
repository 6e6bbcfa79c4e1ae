#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/token_id.h"

namespace continuo::tokens {

// What the ticks of decoded music count. A continuation keeps the speed of its primer only when its ticks are
// taken for what they are.
enum class TimeDomain {
  kMusical,  // parts of a beat, which last as long as the tempo in force lets them
  kClock     // parts of a second; the decoded score has one tempo, which means nothing
};

// What a token says of how one note is played, beside which it is and where it is written.
enum class Touch : std::uint8_t { kNone, kLoudness, kTiming };

// What a token does to a piece that it is appended to. A subword does what its base tokens do one after the other.
struct TokenTraits {
  std::uint16_t bars = 0;        // bar lines
  bool bar_comes_first = false;  // a bar line, with neither time nor a part of a note before it
  bool sets_timing = false;      // a time signature or a tempo
  bool advances_time = false;    // what follows may be later: a wait, a position, a bar
  bool part_of_note = false;     // begins, describes or ends a note
  bool strikes = false;          // names the keys or drums of a note, in chorale_grid also of one that is held
  Touch touch = Touch::kNone;    // and nothing else
  std::uint16_t notes = 0;       // notes that it completes

  bool begins_bar() const { return bars > 0; }
  friend bool operator==(const TokenTraits&, const TokenTraits&) = default;
};

// The facts about a tokenisation's tokens that composing and evaluation need. They ask here, never for names of words.
//
// Of an encoded piece the `notes` add up to those that it decodes to. chorale_grid does not mark where a pitch is
// struck again; there each sounding step counts. Of words that only together complete a note, one counts.
struct TokenizerTraits {
  TimeDomain time_domain = TimeDomain::kMusical;
  std::vector<TokenTraits> tokens;  // Shape: [vocabulary size]; none of the special tokens does anything

  const TokenTraits& of(TokenId token) const { return tokens[static_cast<std::size_t>(token)]; }
  // Whether any token is a bar line.
  bool marks_bars() const;
  // What `sequence` does, one token after the other. Requires: ids of the vocabulary.
  TokenTraits joined(std::span<const TokenId> sequence) const;
};

}  // namespace continuo::tokens
