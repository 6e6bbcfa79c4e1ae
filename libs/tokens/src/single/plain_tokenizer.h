#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "continuo/tokens/tokenizer.h"

#include "../core/grid_notes.h"

namespace continuo::tokens {

// What tokenisations without options and bars have in common: notes on a grid go in, and come out again.
class PlainTokenizer : public Tokenizer {
 public:
  PlainTokenizer(std::string_view name, std::vector<std::string> words)
      : name_(name), vocabulary_(Vocabulary::make(std::move(words)).value()) {}

  std::string_view name() const final { return name_; }
  const Vocabulary& vocabulary() const final { return vocabulary_; }
  Result<std::vector<TokenId>> encode(const score::Score& score) const final;
  Result<score::Score> decode(std::span<const TokenId> tokens) const final;
  Result<score::Score> quantise(const score::Score& score) const final;
  std::vector<std::size_t> bar_starts(std::span<const TokenId>) const override { return {}; }
  nlohmann::json to_json() const final { return {{"name", name_}, {"options", nlohmann::json::object()}}; }

 protected:
  // The notes that are spelled, settled. Errors: those of encode().
  virtual Result<std::vector<GridNote>> grid_notes(const score::Score& score) const = 0;
  virtual std::vector<TokenId> spell(const std::vector<GridNote>& notes) const = 0;
  // Settled as grid_notes() leaves them. Requires: a whole piece by the grammar.
  virtual std::vector<GridNote> read(std::span<const TokenId> tokens) const = 0;
  virtual score::Score to_score(const std::vector<GridNote>& notes) const = 0;

 private:
  std::string name_;
  Vocabulary vocabulary_;
};

}  // namespace continuo::tokens
