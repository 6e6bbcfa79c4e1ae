#include "continuo/tokens/token_decoder.h"

#include <utility>

namespace continuo::tokens {

void DecodedEvents::clear() {
  notes.clear();
  tempos.clear();
  time_signatures.clear();
}

Result<DecodedStep> TokenDecoder::accept(TokenId token) {
  events_.clear();
  CONTINUO_TRY(read({&token, 1}, &events_));
  return DecodedStep{events_.notes, events_.tempos, events_.time_signatures};
}

Result<DecodedPiece> TokenDecoder::finish() {
  events_.clear();
  CONTINUO_ASSIGN(score::Score score, end(&events_));
  return DecodedPiece{std::move(events_.notes), std::move(score)};
}

}  // namespace continuo::tokens
