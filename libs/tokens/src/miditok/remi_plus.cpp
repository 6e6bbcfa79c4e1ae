#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "members.h"
#include "remi_plus_encoder.h"

namespace continuo::tokens {
namespace {

class RemiPlus final : public BeatTokenizer {
 public:
  explicit RemiPlus(std::shared_ptr<const BeatLanguage> language)
      : BeatTokenizer("remi_plus", std::move(language), {}) {}

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<RemiPlusEncoder>(piece, words());
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_remi_plus(const BeatOptions& options) {
  const auto language = std::make_shared<BeatLanguage>(options, BeatParts{.bars = true, .positions = true});
  add_barred_piece(language->graph, language->words, WordGraph::kStart, true);
  language->graph.finish();
  return std::make_shared<RemiPlus>(language);
}

}  // namespace continuo::tokens
