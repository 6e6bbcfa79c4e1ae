#include <algorithm>

#include "symbol_trie.h"

namespace continuo::tokens {
namespace {

// The most probable segmentation, by Viterbi's algorithm; of equally probable ones that whose words begin earlier.
class UnigramEncoder final : public SubwordEncoder {
 public:
  UnigramEncoder(const SubwordModel& model, int symbols) : trie_(symbols), scores_(model.scores) {
    for (std::size_t id = kSpecialTokens; id < model.words.size(); ++id) trie_.add(model.words[id], TokenId(id));
  }

  void encode(std::span<const Symbol> symbols, std::vector<TokenId>& ids) const override {
    std::vector<Node> best(symbols.size() + 1);
    for (std::size_t begin = 0; begin < symbols.size(); ++begin) {
      const double score = best[begin].score;
      trie_.for_each_prefix(symbols.subspan(begin), [&](std::size_t length, TokenId id) {
        Node& end = best[begin + length];
        const double through = scores_[std::size_t(id)] + score;
        if (end.id < 0 || through > end.score) end = {through, id, std::uint32_t(begin)};
      });
    }
    const std::size_t first = ids.size();
    for (std::size_t end = symbols.size(); end > 0; end = best[end].begin) ids.push_back(best[end].id);
    std::reverse(ids.begin() + std::ptrdiff_t(first), ids.end());
  }

 private:
  struct Node {
    double score = 0;
    TokenId id = -1;
    std::uint32_t begin = 0;
  };
  SymbolTrie trie_;
  std::vector<double> scores_;
};

}  // namespace

std::unique_ptr<SubwordEncoder> make_unigram_encoder(const SubwordModel& model, int symbols) {
  return std::make_unique<UnigramEncoder>(model, symbols);
}

}  // namespace continuo::tokens
