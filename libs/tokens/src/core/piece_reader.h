#pragma once

#include <memory>
#include <span>

#include "continuo/tokens/token_decoder.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Reads one tokenisation's words from first to last: the state that is left between two tokens. The grammar has been
// checked before. Requires of accept(): tokens that the grammar allows, none of them special.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  // That about so many tokens will come.
  virtual void expect(std::size_t) {}
  // The next tokens. Appends to `events`, unless it is null, what they complete.
  virtual void accept(std::span<const TokenId> tokens, DecodedEvents* events) = 0;
  // The whole piece, and to `events` the notes that only the end completes. Requires: the grammar allows an end here.
  virtual Result<score::Score> finish(DecodedEvents* events) = 0;
};

// A decoder that checks each token against the grammar of `tokenizer`, which must outlive it, and then reads it.
// `ticks_per_quarter`: of the reader's notes and score.
std::unique_ptr<TokenDecoder> make_decoder(const Tokenizer& tokenizer, std::int32_t ticks_per_quarter,
                                           std::unique_ptr<PieceReader> reader);

}  // namespace continuo::tokens
