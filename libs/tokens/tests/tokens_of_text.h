#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// "Bar TimeSig_4/4 ..." of a token sequence, and back. Words that do not exist become -1.
std::string words_of(const Tokenizer& tokenizer, std::span<const TokenId> tokens);
std::vector<TokenId> tokens_of(const Tokenizer& tokenizer, std::string_view words);

// One file of tests/cases: a small score, a tokenisation, and what comes out. Lines:
//   tokenizer NAME [drums]          note_chord is learned from this very score, all chords kept
//   division TICKS_PER_QUARTER      480 unless said
//   track PROGRAM | track drum      the following notes and pedals belong to it
//   note ONSET DURATION PITCH VELOCITY [RELEASE_VELOCITY]
//   pedal ONSET VALUE [first]       first: before the notes that end in its tick
//   tempo ONSET MICROSECONDS_PER_QUARTER
//   meter ONSET NUMERATOR DENOMINATOR
//   = WORDS                         expected words; several lines are one sequence
//   error CODE TEXT                 instead of "=": the error's code, and a text that its line holds
//   losses SENTENCE                 expected losses, if given
struct TextCase {
  std::shared_ptr<const Tokenizer> tokenizer;
  score::Score score;
  std::string words, error_code, error_text, losses;
};

TextCase read_case(const std::string& path);

}  // namespace continuo::tokens
