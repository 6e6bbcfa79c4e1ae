#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/base/token_id.h"
#include "continuo/score/score.h"
#include "continuo/tokens/length_meter.h"
#include "continuo/tokens/token_decoder.h"
#include "continuo/tokens/token_grammar.h"
#include "continuo/tokens/traits.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::tokens {

class TrackCells;
struct EventWords;

// How a piece is cut into sequences within which subwords may form.
enum class WordSplit { kBar, kBeat, kNone };

// One way to encode music as a sequence of tokens. Immutable and thread-safe once made.
//
// Laws, held by tests for every tokenisation:
//   decode(encode(s)) == quantise(s)        for every Score s that encode accepts
//   encode(decode(t)) == t                  for every t that encode has produced
//   encode(s) obeys grammar()
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // The name on the command line: "remi", "performance", "note_chord".
  virtual std::string_view name() const = 0;
  virtual const Vocabulary& vocabulary() const = 0;

  // The piece without BOS and EOS. Errors: no_notes; out_of_vocabulary (names the note and its bar); malformed (no
  // division); too_large (a note at an absurd time).
  virtual Result<std::vector<TokenId>> encode(const score::Score& score) const = 0;
  // Special tokens are skipped; the rest has to obey grammar(). Errors: invalid_tokens, naming the index and the word.
  Result<score::Score> decode(std::span<const TokenId> tokens) const;
  // The same token by token. The tokenizer must outlive the decoder.
  virtual std::unique_ptr<TokenDecoder> decoder() const = 0;
  // What is left of `score` after a way through this tokenisation: its grid, its velocity bins, its lost parts.
  virtual Result<score::Score> quantise(const score::Score& score) const = 0;
  // What encode() leaves out of this score, as a sentence ("pitch bends, 2 tempo changes"), or empty.
  virtual std::string losses(const score::Score& score) const = 0;

  virtual std::unique_ptr<TokenGrammar> grammar() const = 0;
  // What its tokens do. O(vocabulary size).
  virtual TokenizerTraits traits() const = 0;

  // The tokens of a whole piece without those at the end that only close it, so that a continuation can follow. Most
  // tokenisations have none.
  virtual std::vector<TokenId> without_closing(std::span<const TokenId> tokens) const;

  // Where measures begin in a token sequence; empty for tokenisations that do not mark them. The first element is 0
  // when tokens is not empty.
  virtual std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const = 0;
  // Where the sequences begin that a whole piece falls into, the first at 0; empty when there are no tokens.
  // Tokenisations that do not mark beats are cut by bars instead, and those that do not mark bars are not cut.
  virtual std::vector<std::size_t> sequence_starts(std::span<const TokenId> tokens, WordSplit split) const;
  // What tasks need to know of its tokens, or null where tracks are not apart within bars. Lives as long as this.
  virtual const TrackCells* track_cells() const { return nullptr; }
  // Its words, where it is a stream of keys going down and up on a clock; else null. Lives as long as this.
  virtual const EventWords* event_words() const { return nullptr; }
  // How far a growing sequence has come, for composing up to a length.
  virtual std::unique_ptr<LengthMeter> length_meter() const = 0;
  // Seconds that `tokens` has reached: the length meter's, after all of them.
  score::Seconds elapsed(std::span<const TokenId> tokens) const;

  // Name, options and, where learned, vocabulary: all that make_tokenizer() needs to make an equal one.
  virtual nlohmann::json to_json() const = 0;
};

}  // namespace continuo::tokens
