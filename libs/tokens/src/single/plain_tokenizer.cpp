#include "plain_tokenizer.h"

#include "../core/piece_reader.h"

namespace continuo::tokens {

class PlainTokenizer::Reader final : public PieceReader {
 public:
  explicit Reader(const PlainTokenizer& tokenizer) : tokenizer_(tokenizer), reader_(tokenizer.reader()) {}

  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    for (const TokenId token : tokens) reader_->accept(token);
    give(reader_->complete(), events);
  }
  Result<score::Score> finish(DecodedEvents* events) override {
    give(reader_->notes().size(), events);
    return tokenizer_.to_score(reader_->finish());
  }

 private:
  void give(std::size_t end, DecodedEvents* events) {
    if (!events) return;
    for (; given_ < end; ++given_)
      events->notes.push_back(decoded_note(reader_->notes()[given_], tokenizer_.grid_.ticks_per_step));
  }

  const PlainTokenizer& tokenizer_;
  std::unique_ptr<GridReader> reader_;
  std::size_t given_ = 0;
};

Result<std::vector<TokenId>> PlainTokenizer::encode(const score::Score& score) const {
  CONTINUO_ASSIGN(const std::vector<GridNote> notes, grid_notes(score));
  return encode_notes(notes);
}

std::unique_ptr<TokenDecoder> PlainTokenizer::decoder() const {
  return make_decoder(*this, grid_.ticks_per_quarter, std::make_unique<Reader>(*this));
}

score::Score PlainTokenizer::to_score(const std::vector<GridNote>& notes) const {
  score::Score score;
  score.ticks_per_quarter = grid_.ticks_per_quarter;
  score.tempos = {{score::Ticks(0), 500000}};
  score.tracks = tracks_of(notes, grid_.ticks_per_step);
  return score;
}

Result<score::Score> PlainTokenizer::quantise(const score::Score& score) const {
  CONTINUO_ASSIGN(const std::vector<GridNote> notes, grid_notes(score));
  return to_score(notes);
}

}  // namespace continuo::tokens
