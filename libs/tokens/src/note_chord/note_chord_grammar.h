#pragma once

#include <memory>

#include "continuo/tokens/token_grammar.h"

#include "note_chord_items.h"

namespace continuo::tokens {

// Two onsets are at most this many of the longest advances apart.
inline constexpr int kMaxAdvances = 64;

// The note_chord tokenisation's grammar: items at one onset by rising ids, no pitch twice; time passes by the longest
// advances possible; the last word is an item. A copy shares the table.
class NoteChordGrammar final : public TokenGrammar {
 public:
  explicit NoteChordGrammar(std::shared_ptr<const ChordItemTable> table) : table_(std::move(table)) {}
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<NoteChordGrammar>(*this); }
  void reset() override { *this = NoteChordGrammar(std::move(table_)); }
  void legal_tokens(std::span<std::uint8_t> legal) const override;
  bool is_legal(TokenId token) const override;
  void accept(TokenId token) override;
  bool can_end() const override { return after_item_; }
  int tokens_to_close() const override { return after_item_ ? 0 : 1; }
  int tokens_to_close_after(TokenId token) const override { return table_->is_advance(token) ? 1 : 0; }

 private:
  bool item_is_legal(TokenId token) const;
  // Units: steps; 0 when none is legal.
  int longest_advance() const;

  std::shared_ptr<const ChordItemTable> table_;
  PitchSet struck_;        // at this onset
  TokenId last_item_ = 0;  // at this onset
  int advanced_ = 0;       // steps since the last onset
  bool after_item_ = false;
  bool after_short_advance_ = false;
};

}  // namespace continuo::tokens
