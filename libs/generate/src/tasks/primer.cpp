#include "primer.h"

#include <utility>

namespace continuo::generate {

Result<Primer> encode_primer(const Composer& composer, const score::Score& score) {
  CONTINUO_ASSIGN(std::vector<TokenId> tokens, composer.tokenizer->encode(score));
  if (tokens.empty()) return Error{ErrorCode::invalid_argument, "the primer has nothing to continue"};
  CONTINUO_ASSIGN(score::Score quantised, composer.tokenizer->decode(tokens));
  return Primer{score, std::move(tokens), std::move(quantised)};
}

}  // namespace continuo::generate
