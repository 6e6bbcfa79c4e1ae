#include "subword_grammar.h"

#include <algorithm>
#include <numeric>

namespace continuo::tokens {

SubwordLexicon::SubwordLexicon(const SymbolStrings& words, Symbol mark) {
  for (std::size_t id = 0; id < words.size(); ++id) {
    bool foreign = false;
    for (const Symbol symbol : words[id]) {
      if (symbol == mark) continue;
      base_.push_back(TokenId(symbol));
      foreign |= symbol < kSpecialTokens;
    }
    ends_.push_back(std::uint32_t(base_.size()));
    foreign_.push_back(foreign);
    if (is_mark(TokenId(id))) marks_.push_back(TokenId(id));
  }
  make_tree();
}

// Over the subwords in the order of their base words, breadth first, so that children stand together.
void SubwordLexicon::make_tree() {
  for (TokenId id = kSpecialTokens; id < size(); ++id)
    if (!foreign_[std::size_t(id)] && !is_mark(id)) ids_.push_back(id);
  std::sort(ids_.begin(), ids_.end(), [&](TokenId a, TokenId b) {
    const auto left = base_words(a), right = base_words(b);
    if (std::equal(left.begin(), left.end(), right.begin(), right.end())) return a < b;
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
  });
  struct Range {
    std::uint32_t node, begin, end;
    std::size_t depth;
  };
  nodes_.emplace_back();
  std::vector<Range> open = {{0, 0, std::uint32_t(ids_.size()), 0}};
  for (std::size_t i = 0; i < open.size(); ++i) {
    Range range = open[i];
    nodes_[range.node].first_id = range.begin;
    while (range.begin < range.end && base_words(ids_[range.begin]).size() == range.depth) ++range.begin;
    nodes_[range.node].ids = range.begin - nodes_[range.node].first_id;
    nodes_[range.node].first_child = std::uint32_t(nodes_.size());
    while (range.begin < range.end) {
      const TokenId base = base_words(ids_[range.begin])[range.depth];
      std::uint32_t end = range.begin;
      while (end < range.end && base_words(ids_[end])[range.depth] == base) ++end;
      open.push_back({std::uint32_t(nodes_.size()), range.begin, end, range.depth + 1});
      nodes_.push_back({base, 0, 0, 0, 0});
      ++nodes_[range.node].children;
      range.begin = end;
    }
  }
}

namespace {

// Marks the subwords below `node` that are legal after `grammar`.
void mark_legal(const SubwordLexicon& lexicon, const SubwordLexicon::Node& node, const TokenGrammar& grammar,
                std::span<std::uint8_t> legal) {
  for (const SubwordLexicon::Node& child : lexicon.children(node)) {
    if (!grammar.is_legal(child.base)) continue;
    for (const TokenId id : lexicon.ids(child)) legal[std::size_t(id)] = 1;
    if (child.children == 0) continue;
    const std::unique_ptr<TokenGrammar> next = grammar.clone();
    next->accept(child.base);
    mark_legal(lexicon, child, *next, legal);
  }
}

}  // namespace

std::unique_ptr<TokenGrammar> SubwordGrammar::clone() const {
  auto copy = std::make_unique<SubwordGrammar>(lexicon_, base_->clone());
  copy->after_mark_ = after_mark_;
  return copy;
}

void SubwordGrammar::reset() {
  base_->reset();
  after_mark_ = false;
}

void SubwordGrammar::legal_tokens(std::span<std::uint8_t> legal) const {
  std::fill(legal.begin(), legal.end(), std::uint8_t{0});
  legal[kEos] = can_end();
  for (const TokenId mark : lexicon_->marks()) legal[std::size_t(mark)] = !after_mark_;
  mark_legal(*lexicon_, lexicon_->root(), *base_, legal);
}

bool SubwordGrammar::is_legal(TokenId token) const {
  if (token == kEos) return can_end();
  if (token < kSpecialTokens || token >= lexicon_->size() || lexicon_->is_foreign(token)) return false;
  const std::span<const TokenId> said = lexicon_->base_words(token);
  if (said.empty()) return !after_mark_;
  if (!base_->is_legal(said[0])) return false;
  if (said.size() == 1) return true;
  const std::unique_ptr<TokenGrammar> next = base_->clone();
  for (std::size_t i = 0; i + 1 < said.size(); ++i) {
    next->accept(said[i]);
    if (!next->is_legal(said[i + 1])) return false;
  }
  return true;
}

void SubwordGrammar::accept(TokenId token) {
  if (token == kEos) return base_->accept(token);
  for (const TokenId word : lexicon_->base_words(token)) base_->accept(word);
  after_mark_ = lexicon_->is_mark(token);
}

int SubwordGrammar::tokens_to_close_after(TokenId token) const {
  if (token == kEos) return base_->tokens_to_close_after(token);
  const std::span<const TokenId> said = lexicon_->base_words(token);
  if (said.empty()) return base_->tokens_to_close();
  if (said.size() == 1) return base_->tokens_to_close_after(said[0]);
  const std::unique_ptr<TokenGrammar> next = base_->clone();
  for (const TokenId word : said.first(said.size() - 1)) next->accept(word);
  return next->tokens_to_close_after(said.back());
}

}  // namespace continuo::tokens
