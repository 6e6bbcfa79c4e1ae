#pragma once

#include <memory>
#include <vector>

#include "continuo/tokens/token_decoder.h"
#include "continuo/tokens/vocabulary.h"

#include "subword_grammar.h"

namespace continuo::tokens {

// Hands the base words of subwords to the base's decoder, which checks and reads them. A subword gives what its base
// words give. The vocabulary, that of the subwords, must outlive it.
class SubwordDecoder final : public TokenDecoder {
 public:
  SubwordDecoder(const Vocabulary& vocabulary, std::shared_ptr<const SubwordLexicon> lexicon,
                 std::unique_ptr<TokenDecoder> base)
      : vocabulary_(vocabulary), lexicon_(std::move(lexicon)), base_(std::move(base)) {}
  std::int32_t ticks_per_quarter() const override { return base_->ticks_per_quarter(); }

 private:
  std::size_t accepted() const override { return accepted_; }
  Status read(std::span<const TokenId> tokens, DecodedEvents* events) override;
  Result<score::Score> end(DecodedEvents* events) override;
  // How many of `tokens` are subwords that may come next whatever their base words are; writes these to base_words_.
  std::size_t expand(std::span<const TokenId> tokens);
  // Index in `tokens` of the subword that holds base word `base_word` of them.
  std::size_t holder(std::span<const TokenId> tokens, std::size_t base_word) const;

  const Vocabulary& vocabulary_;
  std::shared_ptr<const SubwordLexicon> lexicon_;
  std::unique_ptr<TokenDecoder> base_;
  std::vector<TokenId> base_words_;
  std::size_t accepted_ = 0;
  bool after_mark_ = false, is_empty_ = true;
};

}  // namespace continuo::tokens
