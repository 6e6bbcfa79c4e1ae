#include "piece_reader.h"

#include <utility>
#include <vector>

#include "token_check.h"

namespace continuo::tokens {
namespace {

class CheckedDecoder final : public TokenDecoder {
 public:
  CheckedDecoder(const Tokenizer& tokenizer, std::int32_t ticks_per_quarter, std::unique_ptr<PieceReader> reader)
      : check_(tokenizer), ticks_per_quarter_(ticks_per_quarter), reader_(std::move(reader)) {}
  std::int32_t ticks_per_quarter() const override { return ticks_per_quarter_; }

 private:
  std::size_t accepted() const override { return check_.accepted(); }
  Status read(std::span<const TokenId> tokens, DecodedEvents* events) override {
    CONTINUO_TRY(check_.accept(tokens, kept_));
    if (kept_.size() > 1) reader_->expect(kept_.size());
    reader_->accept(kept_, events);
    return {};
  }
  Result<score::Score> end(DecodedEvents* events) override {
    CONTINUO_TRY(check_.finish());
    return reader_->finish(events);
  }

  TokenCheck check_;
  std::int32_t ticks_per_quarter_;
  std::unique_ptr<PieceReader> reader_;
  std::vector<TokenId> kept_;
};

}  // namespace

std::unique_ptr<TokenDecoder> make_decoder(const Tokenizer& tokenizer, std::int32_t ticks_per_quarter,
                                           std::unique_ptr<PieceReader> reader) {
  return std::make_unique<CheckedDecoder>(tokenizer, ticks_per_quarter, std::move(reader));
}

}  // namespace continuo::tokens
