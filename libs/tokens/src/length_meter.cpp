#include "continuo/tokens/length_meter.h"

#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

score::Seconds Tokenizer::elapsed(std::span<const TokenId> tokens) const {
  const std::unique_ptr<LengthMeter> meter = length_meter();
  for (const TokenId token : tokens) meter->accept(token);
  return meter->elapsed();
}

}  // namespace continuo::tokens
