#pragma once

#include <memory>
#include <string>

#include "continuo/tokens/beat_tokenizers.h"

#include "beat_grammar.h"
#include "beat_piece.h"
#include "beat_reader.h"

namespace continuo::tokens {

// What the tokenisations of the beat family have in common. Each adds which words it has, how they follow one
// another, and how a piece is encoded.
class BeatTokenizer : public Tokenizer {
 public:
  std::string_view name() const final { return name_; }
  const Vocabulary& vocabulary() const final { return vocabulary_; }
  Result<std::vector<TokenId>> encode(const score::Score& score) const final;
  std::unique_ptr<TokenDecoder> decoder() const final;
  Result<score::Score> quantise(const score::Score& score) const final;
  std::string losses(const score::Score& score) const final;
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<BeatGrammar>(language_); }
  std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const override;
  // By the bar lines and beats of the meter in force; a word belongs to the time at which its event is, and a wait to
  // that at which it begins. Source: MidiTok's TokSequence.split_per_bars.
  std::vector<std::size_t> sequence_starts(std::span<const TokenId> tokens, WordSplit split) const override;
  std::unique_ptr<LengthMeter> length_meter() const override;
  TokenizerTraits traits() const final;
  nlohmann::json to_json() const final;

 protected:
  // Requires: options that check_options() takes.
  BeatTokenizer(std::string_view name, std::shared_ptr<const BeatLanguage> language, BeatGrid grid);
  const BeatWords& words() const { return language_->words; }
  const std::shared_ptr<const BeatLanguage>& language() const { return language_; }

  virtual std::vector<TokenId> encode_piece(const BeatPiece& piece) const = 0;
  // By default a ClockedReader.
  virtual std::unique_ptr<BeatReader> reader() const;
  // The last word of a note.
  virtual WordKind last_of_note() const { return WordKind::kDuration; }
  // What a word does. By default as everywhere, and the last word of a note completes it.
  virtual TokenTraits traits_of(Word word) const;
  // Beyond the grid: what else this tokenisation does to a piece before it is encoded. Done twice it changes nothing.
  virtual void fit(BeatPiece&) const {}
  // Whether what was encoded reads as another piece, where words hold less than the grid does. A second time it does
  // not.
  virtual bool reads_otherwise() const { return false; }
  // What else it cannot hold.
  virtual void add_losses(const score::Score&, class LossList&) const {}

 private:
  class Reader;
  // What was read goes the way of any piece, so that a sequence of a model's decodes to music that encodes.
  Result<score::Score> finished(BeatPiece piece) const;
  Result<BeatPiece> fitted(const score::Score& score) const;

  std::string_view name_;
  std::shared_ptr<const BeatLanguage> language_;
  BeatGrid grid_;
  Vocabulary vocabulary_;
};

}  // namespace continuo::tokens
