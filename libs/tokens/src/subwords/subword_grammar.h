#pragma once

#include <memory>
#include <vector>

#include "continuo/tokens/token_grammar.h"

#include "subword_model.h"

namespace continuo::tokens {

// What subwords say in base words, and a tree of that for finding all that are legal at once. Immutable.
class SubwordLexicon {
 public:
  // `mark`: the symbol that stands for no base word.
  SubwordLexicon(const SymbolStrings& words, Symbol mark);

  int size() const { return int(ends_.size()) - 1; }
  std::span<const TokenId> base_words(TokenId id) const {
    return std::span(base_).subspan(ends_[std::size_t(id)], ends_[std::size_t(id) + 1] - ends_[std::size_t(id)]);
  }
  // The mark of a beginning and nothing else.
  bool is_mark(TokenId id) const { return id >= kSpecialTokens && id < size() && base_words(id).empty(); }
  // Holds a special word of the base: it can be learned from foreign files, and is never legal.
  bool is_foreign(TokenId id) const { return foreign_[std::size_t(id)]; }
  std::span<const TokenId> marks() const { return marks_; }

  // Subwords that begin alike share their nodes. Those below a node stand together.
  struct Node {
    TokenId base = 0;                             // the base word that leads here
    std::uint32_t first_child = 0, children = 0;  // nodes
    std::uint32_t first_id = 0, ids = 0;          // subwords that end here, in ids()
  };
  std::span<const Node> children(const Node& node) const {
    return std::span(nodes_).subspan(node.first_child, node.children);
  }
  std::span<const TokenId> ids(const Node& node) const { return std::span(ids_).subspan(node.first_id, node.ids); }
  const Node& root() const { return nodes_[0]; }

 private:
  void make_tree();
  std::vector<TokenId> base_;
  std::vector<std::uint32_t> ends_ = {0};
  std::vector<bool> foreign_;
  std::vector<TokenId> marks_;
  std::vector<Node> nodes_;
  std::vector<TokenId> ids_;
};

// The base's grammar over subwords: one is legal when its base words are, one after the other. A mark of a beginning
// says nothing and is legal anywhere but behind another.
class SubwordGrammar final : public TokenGrammar {
 public:
  SubwordGrammar(std::shared_ptr<const SubwordLexicon> lexicon, std::unique_ptr<TokenGrammar> base)
      : lexicon_(std::move(lexicon)), base_(std::move(base)) {}
  std::unique_ptr<TokenGrammar> clone() const override;
  void reset() override;
  // O(legal nodes of the tree).
  void legal_tokens(std::span<std::uint8_t> legal) const override;
  bool is_legal(TokenId token) const override;
  void accept(TokenId token) override;
  bool can_end() const override { return base_->can_end(); }
  int tokens_to_close() const override { return base_->tokens_to_close(); }
  int tokens_to_close_after(TokenId token) const override;
  void release_notes_struck_before(std::int64_t step) override { base_->release_notes_struck_before(step); }
  bool limit_notes(double longest) override { return base_->limit_notes(longest); }
  bool limit_silence(double longest) override { return base_->limit_silence(longest); }
  bool limit_instruments(const Instruments& instruments) override { return base_->limit_instruments(instruments); }

 private:
  std::shared_ptr<const SubwordLexicon> lexicon_;
  std::unique_ptr<TokenGrammar> base_;
  bool after_mark_ = false;
};

}  // namespace continuo::tokens
