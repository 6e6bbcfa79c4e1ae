#pragma once

#include <vector>

#include "continuo/generate/composer.h"
#include "continuo/score/score.h"

namespace continuo::generate {

// The music that a task is given.
struct Primer {
  const score::Score& score;    // as the caller passed it
  std::vector<TokenId> tokens;  // encoded
  score::Score quantised;       // `tokens` decoded: the primer as the model sees it
};

// Requires: `score` outlives the result.
// Errors: those of Tokenizer::encode and decode; invalid_argument (nothing is left of it in tokens).
Result<Primer> encode_primer(const Composer& composer, const score::Score& score);

}  // namespace continuo::generate
