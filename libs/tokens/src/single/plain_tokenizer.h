#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "continuo/tokens/tokenizer.h"

#include "../core/grid_notes.h"

namespace continuo::tokens {

// Reads the words of a tokenisation to notes on its grid, one after the other. Requires: as of PieceReader.
class GridReader {
 public:
  virtual ~GridReader() = default;
  virtual void accept(TokenId token) = 0;
  // So far, as they were read.
  const std::vector<GridNote>& notes() const { return notes_; }
  // How many of them, from the first on, stay as they are whatever comes.
  virtual std::size_t complete() const { return notes_.size(); }
  // All of them, settled as PlainTokenizer::grid_notes() leaves them. Nothing else may be called afterwards.
  virtual std::vector<GridNote> finish() = 0;

 protected:
  std::vector<GridNote> notes_;
};

// The time of a tokenisation's scores, and its grid in it.
struct PlainGrid {
  std::int32_t ticks_per_quarter = 480;
  std::int64_t ticks_per_step = 120;
};

// What tokenisations without options and bars have in common: notes on a grid go in, and come out again.
class PlainTokenizer : public Tokenizer {
 public:
  PlainTokenizer(std::string_view name, std::vector<std::string> words, PlainGrid grid = {})
      : name_(name), grid_(grid), vocabulary_(Vocabulary::make(std::move(words)).value()) {}

  std::string_view name() const final { return name_; }
  const Vocabulary& vocabulary() const final { return vocabulary_; }
  Result<std::vector<TokenId>> encode(const score::Score& score) const final;
  std::unique_ptr<TokenDecoder> decoder() const final;
  Result<score::Score> quantise(const score::Score& score) const final;
  std::vector<std::size_t> bar_starts(std::span<const TokenId>) const override { return {}; }
  nlohmann::json to_json() const final { return {{"name", name_}, {"options", nlohmann::json::object()}}; }

 protected:
  // The notes that are encoded, settled. Errors: those of encode().
  virtual Result<std::vector<GridNote>> grid_notes(const score::Score& score) const = 0;
  virtual std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) const = 0;
  virtual std::unique_ptr<GridReader> reader() const = 0;
  // At 120 quarters per minute, with one track for each voice.
  virtual score::Score to_score(const std::vector<GridNote>& notes) const;

 private:
  class Reader;
  std::string name_;
  PlainGrid grid_;
  Vocabulary vocabulary_;
};

}  // namespace continuo::tokens
