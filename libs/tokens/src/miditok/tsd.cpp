#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "members.h"
#include "tsd_encoder.h"

namespace continuo::tokens {
namespace {

class Tsd final : public BeatTokenizer {
 public:
  explicit Tsd(std::shared_ptr<const BeatLanguage> language) : BeatTokenizer("tsd", std::move(language), {}) {}

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<TsdEncoder>(piece, words());
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_tsd(const BeatOptions& options) {
  const auto language = std::make_shared<BeatLanguage>(options, BeatParts{.shifts = true});
  add_shifted_piece(language->graph, language->words, WordGraph::kStart, true);
  language->graph.finish();
  return std::make_shared<Tsd>(language);
}

}  // namespace continuo::tokens
