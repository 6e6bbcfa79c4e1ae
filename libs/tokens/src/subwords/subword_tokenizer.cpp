#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>

#include "subword_decoder.h"
#include "subword_grammar.h"
#include "subword_json.h"
#include "subword_model.h"

namespace continuo::tokens {
namespace {

// "▁Bar&TimeSig_4/4": base words, joined; the mark as MidiTok's file has it.
std::vector<std::string> word_texts(const Vocabulary& base, const SymbolStrings& words) {
  std::vector<std::string> texts;
  for (std::size_t id = kSpecialTokens; id < words.size(); ++id) {
    std::string word;
    bool joins = false;
    for (const Symbol symbol : words[id]) {
      if (int(symbol) == base.size()) {
        word += "\u2581";
        continue;
      }
      word += (joins ? "&" : "") + base.word(TokenId(symbol));
      // MidiTok's Unigram has its special words as words twice; these must not be taken for ours.
      if (symbol < kSpecialTokens) word += "_None";
      joins = true;
    }
    texts.push_back(std::move(word));
  }
  return texts;
}

class SubwordLengthMeter final : public LengthMeter {
 public:
  SubwordLengthMeter(std::shared_ptr<const SubwordLexicon> lexicon, std::unique_ptr<LengthMeter> base)
      : lexicon_(std::move(lexicon)), base_(std::move(base)) {}
  std::unique_ptr<LengthMeter> clone() const override {
    return std::make_unique<SubwordLengthMeter>(lexicon_, base_->clone());
  }
  void reset() override { base_->reset(); }
  void accept(TokenId token) override {
    if (token < kSpecialTokens || token >= lexicon_->size()) return;
    for (const TokenId word : lexicon_->base_words(token)) base_->accept(word);
  }
  score::Seconds elapsed() const override { return base_->elapsed(); }
  std::size_t bars_begun() const override { return base_->bars_begun(); }
  MusicalPosition position() const override { return base_->position(); }
  PositionRange position_range() const override {
    PositionRange range = base_->position_range();
    range.by_count = false;  // a subword is any number of words
    return range;
  }

 private:
  std::shared_ptr<const SubwordLexicon> lexicon_;
  std::unique_ptr<LengthMeter> base_;
};

class MergedTokenizer final : public SubwordTokenizer {
 public:
  MergedTokenizer(std::shared_ptr<const Tokenizer> base, SubwordModel model)
      : base_(std::move(base)),
        model_(std::move(model)),
        mark_(Symbol(base_->vocabulary().size())),
        vocabulary_(Vocabulary::make(word_texts(base_->vocabulary(), model_.words)).value()),
        lexicon_(std::make_shared<SubwordLexicon>(model_.words, mark_)),
        encoder_(model_.kind == SubwordModel::Kind::kBpe ? make_bpe_encoder(model_, mark_ + 1)
                                                         : make_unigram_encoder(model_, mark_ + 1)) {}

  std::string_view name() const override { return kSubwords; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  const Tokenizer& base() const override { return *base_; }
  const SubwordModel& model() const override { return model_; }
  std::span<const TokenId> base_words(TokenId token) const override { return lexicon_->base_words(token); }

  Result<std::vector<TokenId>> encode(const score::Score& score) const override {
    CONTINUO_ASSIGN(const std::vector<TokenId> tokens, base_->encode(score));
    return merge(tokens);
  }

  std::vector<TokenId> merge(std::span<const TokenId> base_tokens) const override {
    std::vector<TokenId> ids;
    ids.reserve(base_tokens.size() / 2);
    const std::vector<std::size_t> starts = base_->sequence_starts(base_tokens, model_.split);
    std::vector<Symbol> symbols;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : base_tokens.size();
      symbols.clear();
      if (model_.marks_beginnings) symbols.push_back(mark_);
      for (std::size_t at = starts[i]; at < end; ++at)
        if (base_tokens[at] >= kSpecialTokens) symbols.push_back(Symbol(base_tokens[at]));
      if (!symbols.empty()) encoder_->encode(symbols, ids);
    }
    return ids;
  }

  std::unique_ptr<TokenDecoder> decoder() const override {
    return std::make_unique<SubwordDecoder>(vocabulary_, lexicon_, base_->decoder());
  }

  Result<score::Score> quantise(const score::Score& score) const override { return base_->quantise(score); }
  std::string losses(const score::Score& score) const override { return base_->losses(score); }
  std::unique_ptr<TokenGrammar> grammar() const override {
    return std::make_unique<SubwordGrammar>(lexicon_, base_->grammar());
  }
  std::unique_ptr<LengthMeter> length_meter() const override {
    return std::make_unique<SubwordLengthMeter>(lexicon_, base_->length_meter());
  }

  TokenizerTraits traits() const override {
    const TokenizerTraits base = base_->traits();
    TokenizerTraits traits{base.time_domain, std::vector<TokenTraits>(static_cast<std::size_t>(lexicon_->size()))};
    for (TokenId token = kSpecialTokens; token < lexicon_->size(); ++token)
      traits.tokens[static_cast<std::size_t>(token)] = base.joined(lexicon_->base_words(token));
    return traits;
  }
  std::vector<TokenId> without_closing(std::span<const TokenId> tokens) const override {
    std::vector<TokenId> words;
    for (const TokenId token : tokens) {
      if (token < kSpecialTokens || token >= lexicon_->size()) continue;
      const std::span<const TokenId> own = lexicon_->base_words(token);
      words.insert(words.end(), own.begin(), own.end());
    }
    const std::vector<TokenId> kept = base_->without_closing(words);
    if (kept.size() == words.size()) return {tokens.begin(), tokens.end()};
    return merge(kept);
  }

  // The subword in which a bar begins.
  std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const override {
    std::vector<TokenId> said;
    std::vector<std::size_t> from;  // the subword of each base word
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] < kSpecialTokens || tokens[i] >= lexicon_->size()) continue;
      for (const TokenId word : lexicon_->base_words(tokens[i])) {
        said.push_back(word);
        from.push_back(i);
      }
    }
    std::vector<std::size_t> starts;
    for (const std::size_t start : base_->bar_starts(said)) {
      // A mark stands with the bar that it begins.
      std::size_t at = start == 0 ? 0 : from[start];
      if (at > 0 && lexicon_->is_mark(tokens[at - 1])) --at;
      if (starts.empty() || at > starts.back()) starts.push_back(at);
    }
    return starts;
  }

  nlohmann::json to_json() const override { return subwords_to_json(*base_, model_); }

 private:
  std::shared_ptr<const Tokenizer> base_;
  SubwordModel model_;
  Symbol mark_;
  Vocabulary vocabulary_;
  std::shared_ptr<const SubwordLexicon> lexicon_;
  std::unique_ptr<SubwordEncoder> encoder_;
};

Error broken(const std::string& what) { return {ErrorCode::malformed, "the subwords " + what, {}, {}}; }

std::u16string text_of(std::span<const Symbol> symbols) { return {symbols.begin(), symbols.end()}; }

Status check_merges(const SubwordModel& model) {
  const auto is_word = [&](TokenId id) { return id >= kSpecialTokens && std::size_t(id) < model.words.size(); };
  for (const BpeMerge& merge : model.merges) {
    if (!is_word(merge.left) || !is_word(merge.right) || !is_word(merge.merged))
      return broken("have a merge of a word that is none");
    const std::u16string made =
        text_of(model.words[std::size_t(merge.left)]) + text_of(model.words[std::size_t(merge.right)]);
    if (made != text_of(model.words[std::size_t(merge.merged)])) return broken("have a merge that makes another word");
  }
  return {};
}

}  // namespace

Status check_model(const Tokenizer& base, const SubwordModel& model) {
  const int mark = base.vocabulary().size();
  if (mark >= kMostSubwords || model.words.size() > std::size_t(kMostSubwords) ||
      model.words.size() < std::size_t(kSpecialTokens))
    return broken("are too many or too few");
  std::unordered_set<std::u16string> seen;
  for (std::size_t id = 0; id < model.words.size(); ++id) {
    const std::span<const Symbol> word = model.words[id];
    if (word.empty() != (id < std::size_t(kSpecialTokens))) return broken("hold an empty word");
    if (word.empty()) continue;
    for (std::size_t i = 0; i < word.size(); ++i)
      if (word[i] > mark || (word[i] == mark && i > 0)) return broken("hold a word of symbols that are none");
    if (!seen.insert(text_of(word)).second) return broken("hold a word twice");
  }
  for (int symbol = kSpecialTokens; symbol < mark + int(model.marks_beginnings); ++symbol)
    if (!seen.contains(std::u16string(1, char16_t(symbol)))) return broken("do not hold all base words");
  if (model.kind == SubwordModel::Kind::kUnigram && model.scores.size() != model.words.size())
    return broken("do not all have a score");
  return check_merges(model);
}

std::shared_ptr<const SubwordTokenizer> make_subword_tokenizer(std::shared_ptr<const Tokenizer> base,
                                                               SubwordModel model) {
  return std::make_shared<MergedTokenizer>(std::move(base), std::move(model));
}

}  // namespace continuo::tokens
