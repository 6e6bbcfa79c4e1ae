#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

Result<score::Score> Tokenizer::decode(std::span<const TokenId> tokens) const {
  const std::unique_ptr<TokenDecoder> decoder = this->decoder();
  CONTINUO_TRY(decoder->read(tokens, nullptr));
  return decoder->end(nullptr);
}

std::vector<std::size_t> Tokenizer::sequence_starts(std::span<const TokenId> tokens, WordSplit split) const {
  if (tokens.empty()) return {};
  std::vector<std::size_t> starts = split == WordSplit::kNone ? std::vector<std::size_t>() : bar_starts(tokens);
  if (starts.empty()) starts.push_back(0);
  return starts;
}

std::vector<TokenId> Tokenizer::without_closing(std::span<const TokenId> tokens) const {
  return {tokens.begin(), tokens.end()};
}

score::Seconds Tokenizer::elapsed(std::span<const TokenId> tokens) const {
  const std::unique_ptr<LengthMeter> meter = length_meter();
  for (const TokenId token : tokens) meter->accept(token);
  return meter->elapsed();
}

}  // namespace continuo::tokens
