#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/neural/network.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::train {

// The words of a vocabulary as those of another one.
struct MatchedWords {
  std::vector<std::optional<TokenId>> from;  // of each word: its id in the other vocabulary; empty: it is new there
  std::size_t copied = 0, added = 0, dropped = 0;

  // "390 words copied by name, 2 new, 0 dropped"
  std::string summary() const;
};
MatchedWords match_words(const tokens::Vocabulary& model, const tokens::Vocabulary& data);

// The data set's words as those of a model of the same kind of tokenizer; empty where both have the same tokenizer.
// Errors: those of tokenizer_from_json; incompatible (steps of another length, so that equal words mean other times).
Result<std::optional<MatchedWords>> words_of_model(const checkpoint::Checkpoint& model, const tokens::Tokenizer& data);

// The weights of a model as a network of another vocabulary imports them: of the token embedding and of the output,
// rows of equal words are copied, and new words begin at the mean of all rows, with noise of a hundredth of the rows'
// spread. So a new word is as likely as the mean of its alternatives, and does not change the model's other choices.
// Source: Hewitt, "Initializing New Word Embeddings for Pretrained Language Models", 2021.
class MatchedWeights {
 public:
  // Errors: those of neural::Network::import_weights().
  static Result<MatchedWeights> make(const checkpoint::Checkpoint& model, const MatchedWords& words,
                                     std::uint64_t seed);

  // fp32. Valid while this lives, wherever it is moved.
  const std::map<std::string, checkpoint::TensorView>& tensors() const { return tensors_; }

 private:
  std::unique_ptr<neural::Network> network_;  // with the model's own vocabulary
  std::map<std::string, std::vector<float>> rows_;
  std::map<std::string, checkpoint::TensorView> tensors_;
};

}  // namespace continuo::train
