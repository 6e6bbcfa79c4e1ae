#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Subwords: sequences of a tokenisation's base words that occur often become words of their own. Learned and applied as
// the field does, so that ids equal those of MidiTok over Hugging Face tokenizers for the same merges.

struct SubwordOptions {
  // How many words there are in the end: special, base and new ones. Range: above the base words, to 65,536.
  int words = 10000;
  // A pair seen less often is not merged. Range: 1 upwards; BPE only.
  int min_count = 1;
  // The longest new word, in base words; Unigram only. Range: 2 to 255.
  int longest_word = 16;
};

// The distinct bars (or beats, or pieces) of a corpus, each with how often it occurs. Memory: two bytes for each base
// word of the distinct ones. Movable, not copyable.
class SubwordCorpus {
 public:
  // Errors: unsupported (the base has more words than fit, or is subwords itself).
  static Result<SubwordCorpus> make(std::shared_ptr<const Tokenizer> base, WordSplit split);
  SubwordCorpus(SubwordCorpus&&) noexcept;
  SubwordCorpus& operator=(SubwordCorpus&&) noexcept;
  ~SubwordCorpus();

  // One piece in base words; special ones are passed over. Requires: ids of the base.
  void add(std::span<const TokenId> tokens);
  // Base words so far, and sequences that differ.
  std::uint64_t tokens() const;
  std::size_t distinct() const;

 private:
  friend class SubwordTraining;
  struct State;
  explicit SubwordCorpus(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A tokenisation over subwords of another. Its laws, losses and grammar follow from those of the base: a subword is
// legal where its base words are, one after the other. tokens_to_close() counts base words. Each of them is a subword
// too, so that many tokens are enough; fewer can be.
class SubwordTokenizer : public Tokenizer {
 public:
  virtual const Tokenizer& base() const = 0;
  // Base words as subwords. Requires: ids of the base, special ones are passed over.
  virtual std::vector<TokenId> merge(std::span<const TokenId> base_tokens) const = 0;
  // The base words of one subword; empty for special ones and for the mark of a beginning.
  virtual std::span<const TokenId> base_words(TokenId token) const = 0;
  // What has been learned, for writing it to a file.
  virtual const struct SubwordModel& model() const = 0;
};

// Byte pair encoding: again and again the pair of words that occurs most often, of equals the one of the lowest ids,
// becomes a word. Source: Sennrich et al., arXiv 1508.07909; on music Fradet et al., arXiv 2301.11975. The corpus is
// used up. Memory: about 10 bytes for each base word of the distinct sequences. One thread.
// Errors: empty (nothing was added), invalid_argument (an option out of range), interrupted.
Result<std::shared_ptr<const SubwordTokenizer>> train_bpe(SubwordCorpus corpus, const SubwordOptions& options,
                                                          Progress& progress);
// Words with probabilities: of many frequent sequences those stay that explain the corpus best, by expectation
// maximisation. Encoding takes the most probable segmentation. Source: Kudo, arXiv 1804.10959, as in SentencePiece.
Result<std::shared_ptr<const SubwordTokenizer>> train_unigram(SubwordCorpus corpus, const SubwordOptions& options,
                                                              Progress& progress);

}  // namespace continuo::tokens
