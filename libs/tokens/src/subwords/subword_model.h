#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/tokens/subwords.h"

namespace continuo::tokens {

// A base word's id, or the mark that stands before each sequence: the number of base words. Never a special one in a
// sequence, so 0 can part them.
using Symbol = std::uint16_t;
inline constexpr int kMostSubwords = 65536;

// Sequences of symbols by id, end to end.
class SymbolStrings {
 public:
  void add(std::span<const Symbol> symbols) {
    symbols_.insert(symbols_.end(), symbols.begin(), symbols.end());
    ends_.push_back(std::uint32_t(symbols_.size()));
  }
  std::size_t size() const { return ends_.size() - 1; }
  std::span<const Symbol> operator[](std::size_t index) const {
    return std::span(symbols_).subspan(ends_[index], ends_[index + 1] - ends_[index]);
  }

 private:
  std::vector<Symbol> symbols_;
  std::vector<std::uint32_t> ends_ = {0};
};

struct BpeMerge {
  TokenId left = 0, right = 0, merged = 0;
};

// What has been learned: everything but the base. `words` are by id, the special four first and empty.
struct SubwordModel {
  enum class Kind { kBpe, kUnigram };
  Kind kind = Kind::kBpe;
  WordSplit split = WordSplit::kBar;
  // Whether each sequence begins with the mark, as MidiTok has it when it splits.
  bool marks_beginnings = true;
  SymbolStrings words;
  std::vector<BpeMerge> merges;  // BPE: in the order in which they apply
  std::vector<double> scores;    // Unigram: natural logarithms, by id
};

// Applies a model to one sequence after the other. Immutable and thread-safe.
class SubwordEncoder {
 public:
  virtual ~SubwordEncoder() = default;
  // Appends the ids of a sequence. `symbols` with the mark, if there is one.
  virtual void encode(std::span<const Symbol> symbols, std::vector<TokenId>& ids) const = 0;
};

// Requires of both: every symbol of every sequence is a word by itself. `symbols`: how many there are.
std::unique_ptr<SubwordEncoder> make_bpe_encoder(const SubwordModel& model, int symbols);
std::unique_ptr<SubwordEncoder> make_unigram_encoder(const SubwordModel& model, int symbols);

// Requires: a checked model (see check_model).
std::shared_ptr<const SubwordTokenizer> make_subword_tokenizer(std::shared_ptr<const Tokenizer> base,
                                                               SubwordModel model);
// Errors: malformed (merges that do not make their words, a base word that is missing, a word twice).
Status check_model(const Tokenizer& base, const SubwordModel& model);

}  // namespace continuo::tokens
