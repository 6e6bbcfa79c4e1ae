#include <algorithm>
#include <limits>

#include "pair_table.h"
#include "subword_model.h"

namespace continuo::tokens {
namespace {

constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::max();
// Beyond, so many bits for pairs of symbols cost more than they save.
constexpr int kMostSymbolsWithBits = 4096;

struct Rule {
  std::int32_t rank = kNever;
  TokenId merged = 0;
};

// Pairs of symbols with a merge whose left word ends in the first and whose right word begins with the second. Between
// all others a sequence can be cut, since nothing ever merges across.
class Bonds {
 public:
  Bonds(const SubwordModel& model, int symbols) : symbols_(std::size_t(symbols)) {
    if (symbols > kMostSymbolsWithBits) return;
    bits_.assign(symbols_ * symbols_ / 64 + 1, 0);
    for (const BpeMerge& merge : model.merges) {
      const std::size_t at =
          symbols_ * model.words[std::size_t(merge.left)].back() + model.words[std::size_t(merge.right)].front();
      bits_[at / 64] |= std::uint64_t{1} << (at % 64);
    }
  }
  bool can_merge(Symbol left, Symbol right) const {
    const std::size_t at = symbols_ * left + right;
    return bits_.empty() || (bits_[at / 64] >> (at % 64) & 1) != 0;
  }

 private:
  std::size_t symbols_;
  std::vector<std::uint64_t> bits_;
};

// A word of the part that is being merged.
struct Piece {
  TokenId word;
  std::int32_t rank;  // of the merge with the next; kNever without one
  TokenId merged;     // what that would make
};

class BpeEncoder final : public SubwordEncoder {
 public:
  BpeEncoder(const SubwordModel& model, int symbols)
      : bonds_(model, symbols), rules_(model.merges.size()), single_(std::size_t(symbols), 0) {
    for (std::size_t id = kSpecialTokens; id < model.words.size(); ++id)
      if (model.words[id].size() == 1) single_[model.words[id][0]] = TokenId(id);
    for (std::size_t rank = 0; rank < model.merges.size(); ++rank) {
      const BpeMerge& merge = model.merges[rank];
      rules_[PairTable<Rule>::key(merge.left, merge.right)] = {std::int32_t(rank), merge.merged};
    }
  }

  void encode(std::span<const Symbol> symbols, std::vector<TokenId>& ids) const override {
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= symbols.size(); ++i) {
      if (i < symbols.size() && bonds_.can_merge(symbols[i - 1], symbols[i])) continue;
      encode_part(symbols.subspan(begin, i - begin), ids);
      begin = i;
    }
  }

 private:
  static constexpr std::size_t kShort = 48;

  Rule rule(TokenId left, TokenId right) const {
    const Rule* found = rules_.find(PairTable<Rule>::key(left, right));
    return found == nullptr ? Rule{} : *found;
  }
  Piece piece(TokenId word, TokenId next) const {
    const Rule next_rule = rule(word, next);
    return {word, next_rule.rank, next_rule.merged};
  }

  void encode_part(std::span<const Symbol> symbols, std::vector<TokenId>& ids) const {
    if (symbols.size() == 1) return ids.push_back(single_[symbols[0]]);
    if (symbols.size() > kShort) return encode_long(symbols, ids);
    Piece pieces[kShort];
    std::size_t count = symbols.size();
    for (std::size_t i = 0; i + 1 < count; ++i) pieces[i] = piece(single_[symbols[i]], single_[symbols[i + 1]]);
    pieces[count - 1] = {single_[symbols[count - 1]], kNever, 0};
    while (true) {
      std::size_t best = 0;
      for (std::size_t i = 1; i < count; ++i)
        if (pieces[i].rank < pieces[best].rank) best = i;
      if (pieces[best].rank == kNever) break;
      pieces[best].word = pieces[best].merged;
      std::copy(pieces + best + 2, pieces + count, pieces + best + 1);
      --count;
      pieces[best] =
          best + 1 < count ? piece(pieces[best].word, pieces[best + 1].word) : Piece{pieces[best].word, kNever, 0};
      if (best > 0) pieces[best - 1] = piece(pieces[best - 1].word, pieces[best].word);
    }
    for (std::size_t i = 0; i < count; ++i) ids.push_back(pieces[i].word);
  }

  // The same with links and a heap, for parts of any length.
  void encode_long(std::span<const Symbol> symbols, std::vector<TokenId>& ids) const;

  Bonds bonds_;
  PairTable<Rule> rules_;
  std::vector<TokenId> single_;  // by symbol
};

struct Link {
  TokenId word;
  std::int32_t before, next;  // -1: none
};
struct Due {
  std::int32_t rank, place;
  TokenId left, right, merged;
  bool operator<(const Due& other) const { return rank != other.rank ? rank > other.rank : place > other.place; }
};

void BpeEncoder::encode_long(std::span<const Symbol> symbols, std::vector<TokenId>& ids) const {
  std::vector<Link> links(symbols.size());
  std::vector<Due> due;
  due.reserve(symbols.size());
  for (std::size_t i = 0; i < links.size(); ++i)
    links[i] = {single_[symbols[i]], std::int32_t(i) - 1, i + 1 < links.size() ? std::int32_t(i) + 1 : -1};
  const auto add = [&](std::int32_t place, bool into_heap) {
    if (place < 0 || links[std::size_t(place)].next < 0) return;
    const TokenId left = links[std::size_t(place)].word;
    const TokenId right = links[std::size_t(links[std::size_t(place)].next)].word;
    const Rule found = rule(left, right);
    if (found.rank == kNever) return;
    due.push_back({found.rank, place, left, right, found.merged});
    if (into_heap) std::push_heap(due.begin(), due.end());
  };
  for (std::size_t i = 0; i < links.size(); ++i) add(std::int32_t(i), false);
  std::make_heap(due.begin(), due.end());
  while (!due.empty()) {
    std::pop_heap(due.begin(), due.end());
    const Due best = due.back();
    due.pop_back();
    Link& left = links[std::size_t(best.place)];
    if (left.word != best.left || left.next < 0 || links[std::size_t(left.next)].word != best.right) continue;
    Link& right = links[std::size_t(left.next)];
    left.word = best.merged;
    left.next = right.next;
    right.word = -1;
    if (left.next >= 0) links[std::size_t(left.next)].before = best.place;
    add(left.before, true);
    add(best.place, true);
  }
  for (std::int32_t place = 0; place >= 0; place = links[std::size_t(place)].next)
    ids.push_back(links[std::size_t(place)].word);
}

}  // namespace

std::unique_ptr<SubwordEncoder> make_bpe_encoder(const SubwordModel& model, int symbols) {
  return std::make_unique<BpeEncoder>(model, symbols);
}

}  // namespace continuo::tokens
