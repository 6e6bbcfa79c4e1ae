#include "continuo/tokens/miditok_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/subwords.h"

#include "../beat/beat_options_json.h"
#include "../subwords/subword_json.h"
#include "../subwords/subword_model.h"
#include "miditok_config.h"
#include "miditok_file.h"

namespace continuo::tokens {
namespace {

using nlohmann::json;

// In MidiTok a base word of id i is the character i + 33, and the mark U+2581.
constexpr char32_t kFirstCharacter = 33, kMark = 0x2581;
constexpr const char* kMarkText = "\u2581";
constexpr std::array<const char*, kSpecialTokens> kSpecialWords = {"PAD_None", "BOS_None", "EOS_None", "MASK_None"};

Error malformed(const std::string& what) { return {ErrorCode::malformed, "the MidiTok file " + what, {}, {}}; }
Error unsupported(const std::string& what) { return {ErrorCode::unsupported, "the MidiTok file " + what, {}, {}}; }

// Past the mark and what UTF-8 has no form for.
char32_t character_of(int base) {
  char32_t character = kFirstCharacter + char32_t(base);
  if (character >= kMark) ++character;
  if (character >= 0xD800) character += 0x800;
  return character;
}

void append(std::string& text, char32_t character) {
  const auto tail = [&](int shift) { text += char(0x80 | (character >> shift & 0x3F)); };
  if (character < 0x80) {
    text += char(character);
  } else if (character < 0x800) {
    text += char(0xC0 | character >> 6);
    tail(0);
  } else if (character < 0x10000) {
    text += char(0xE0 | character >> 12);
    tail(6);
    tail(0);
  } else {
    text += char(0xF0 | character >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// The JSON reader has checked that text is UTF-8.
std::u32string characters_of(const std::string& text) {
  std::u32string characters;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    int more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    char32_t character = more == 0 ? first : first & (0x3F >> more);
    for (; more > 0 && i < text.size(); --more)
      character = character << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    characters += character;
  }
  return characters;
}

std::string text_of(std::span<const Symbol> word, int mark) {
  std::string text;
  for (const Symbol symbol : word) append(text, symbol == mark ? kMark : character_of(symbol));
  return text;
}

// How a special word stands in the model: its character, for Unigram between two others, as MidiTok has it.
std::string special_text(int id, SubwordModel::Kind kind) {
  std::string text;
  append(text, character_of(id));
  if (kind == SubwordModel::Kind::kBpe) return text;
  std::string around;
  append(around, kFirstCharacter);
  return around + text + around;
}

// ---- reading

// A trained model of a file as ours.
class ModelReader {
 public:
  ModelReader(const json& file, const Tokenizer& base) : file_(file), base_(base), mark_(base.vocabulary().size()) {}

  Result<SubwordModel> read(WordSplit split) {
    CONTINUO_TRY(read_characters());
    const auto text = file_.find("_model");
    if (text == file_.end() || !text->is_string()) return malformed("has no '_model'");
    const json tokenizer = json::parse(text->get_ref<const std::string&>(), nullptr, false);
    if (!tokenizer.is_object() || !tokenizer.value("model", json()).is_object())
      return malformed("has a '_model' that is no tokenizer of Hugging Face");
    const json splitter = tokenizer.value("pre_tokenizer", json());
    if (!splitter.is_null() && (!splitter.is_object() || splitter.value("type", json()) != "Metaspace"))
      return unsupported("splits words by something else than MidiTok does");
    model_.split = split;
    model_.marks_beginnings = !splitter.is_null();
    const json& trained = tokenizer["model"];
    const json kind = trained.value("type", json());
    if (kind == "BPE") {
      CONTINUO_TRY(read_bpe(trained));
    } else if (kind == "Unigram") {
      CONTINUO_TRY(read_unigram(trained));
    } else {
      return unsupported("has a model that is neither BPE nor Unigram");
    }
    add_missing();
    return std::move(model_);
  }

 private:
  Status read_characters() {
    const auto table = file_.find("_vocab_base_byte_to_token");
    if (table == file_.end() || !table->is_object()) return malformed("has no '_vocab_base_byte_to_token'");
    for (const auto& [text, word] : table->items()) {
      const std::u32string characters = characters_of(text);
      if (!word.is_string()) return malformed("has a base word that is no text");
      const std::string& name = word.get_ref<const std::string&>();
      if (characters.size() != 1) continue;  // of Unigram's special words
      const auto special = std::find(kSpecialWords.begin(), kSpecialWords.end(), name);
      const auto known = base_.vocabulary().find(name);
      if (special == kSpecialWords.end() && !known) return unsupported("has the base word '" + name + "'");
      symbols_[characters[0]] =
          Symbol(special != kSpecialWords.end() ? special - kSpecialWords.begin() : std::ptrdiff_t(*known));
    }
    symbols_[kMark] = Symbol(mark_);
    return {};
  }

  Result<std::vector<Symbol>> word_of(const std::string& text) const {
    std::vector<Symbol> word;
    for (const char32_t character : characters_of(text)) {
      const auto symbol = symbols_.find(character);
      if (symbol == symbols_.end()) return malformed("has a subword of characters that are no base words");
      word.push_back(symbol->second);
    }
    return word;
  }

  // Words by id, the special four first.
  Status add_words(const std::vector<std::string>& texts) {
    for (std::size_t id = 0; id < texts.size(); ++id) {
      if (id < std::size_t(kSpecialTokens)) {
        if (texts[id] != special_text_of(int(id)))
          return unsupported("does not begin with the special words PAD, BOS, EOS, MASK");
        model_.words.add({});
        continue;
      }
      CONTINUO_ASSIGN(const std::vector<Symbol> word, word_of(texts[id]));
      model_.words.add(word);
    }
    if (texts.size() < std::size_t(kSpecialTokens)) return malformed("has no special words");
    return {};
  }
  std::string special_text_of(int id) const {
    for (const auto& [character, symbol] : symbols_) {
      if (int(symbol) != id) continue;
      std::string text;
      append(text, character);
      if (model_.kind == SubwordModel::Kind::kBpe) return text;
      return "!" + text + "!";
    }
    return {};
  }

  Status read_bpe(const json& trained) {
    const json vocabulary = trained.value("vocab", json());
    if (!vocabulary.is_object()) return malformed("has a model without words");
    std::vector<std::string> texts(vocabulary.size());
    for (const auto& [text, id] : vocabulary.items()) {
      if (!id.is_number_integer() || id < 0 || id >= texts.size())
        return malformed("has a subword of an id out of range");
      texts[id.get<std::size_t>()] = text;
    }
    CONTINUO_TRY(add_words(texts));
    const json merges = trained.value("merges", json());
    if (!merges.is_array()) return malformed("has a model without merges");
    for (const json& merge : merges) {
      CONTINUO_ASSIGN(const auto parts, parts_of(merge));
      const auto left = vocabulary.find(parts[0]), right = vocabulary.find(parts[1]);
      const auto merged = vocabulary.find(parts[0] + parts[1]);
      if (left == vocabulary.end() || right == vocabulary.end() || merged == vocabulary.end())
        return malformed("has a merge of words that are none");
      model_.merges.push_back({left->get<TokenId>(), right->get<TokenId>(), merged->get<TokenId>()});
    }
    return {};
  }

  // ["a", "b"], and in older files "a b".
  static Result<std::array<std::string, 2>> parts_of(const json& merge) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
      return std::array{merge[0].get<std::string>(), merge[1].get<std::string>()};
    if (merge.is_string()) {
      const std::string text = merge.get<std::string>();
      if (const std::size_t space = text.find(' '); space != std::string::npos)
        return std::array{text.substr(0, space), text.substr(space + 1)};
    }
    return malformed("has a merge that is not two words");
  }

  Status read_unigram(const json& trained) {
    model_.kind = SubwordModel::Kind::kUnigram;
    const json vocabulary = trained.value("vocab", json());
    if (!vocabulary.is_array()) return malformed("has a model without words");
    std::vector<std::string> texts;
    for (const json& entry : vocabulary) {
      if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number() ||
          !std::isfinite(entry[1].get<double>()))
        return malformed("has a subword without a score");
      texts.push_back(entry[0].get<std::string>());
      model_.scores.push_back(entry[1].get<double>());
    }
    return add_words(texts);
  }

  // Base words that the model does not know follow all others, so that everything can be encoded.
  void add_missing() {
    std::vector<bool> known(std::size_t(mark_) + 1, false);
    for (std::size_t id = 0; id < model_.words.size(); ++id)
      if (model_.words[id].size() == 1) known[model_.words[id][0]] = true;
    double least = 0;
    for (const double score : model_.scores) least = std::min(least, score);
    for (int symbol = kSpecialTokens; symbol < mark_ + int(model_.marks_beginnings); ++symbol) {
      if (known[std::size_t(symbol)]) continue;
      const Symbol word = Symbol(symbol);
      model_.words.add({&word, 1});
      if (model_.kind == SubwordModel::Kind::kUnigram) model_.scores.push_back(least - 10);
    }
  }

  const json& file_;
  const Tokenizer& base_;
  int mark_;
  std::map<char32_t, Symbol> symbols_;
  SubwordModel model_;
};

Result<std::shared_ptr<const Tokenizer>> base_from_miditok(const json& file) {
  if (!file["tokenization"].is_string()) return malformed("has no 'tokenization'");
  CONTINUO_ASSIGN(const BeatDescription read,
                  from_miditok_config(file["tokenization"].get<std::string>(), file.value("config", json())));
  auto made = make_beat_tokenizer(read.name, read.options);
  if (!made.ok()) return unsupported("is out of our range: " + made.error().what);
  return made;
}

// ---- writing

json added_tokens(const SubwordModel& model) {
  json added = json::array();
  for (int id = 0; id < kSpecialTokens; ++id) {
    added.push_back({{"id", id},
                     {"content", special_text(id, model.kind)},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  return added;
}

json hugging_face_model(const SubwordModel& model, int mark) {
  const bool is_bpe = model.kind == SubwordModel::Kind::kBpe;
  const auto text = [&](TokenId id) {
    return id < kSpecialTokens ? special_text(id, model.kind) : text_of(model.words[std::size_t(id)], mark);
  };
  if (!is_bpe) {
    json words = json::array();
    for (std::size_t id = 0; id < model.words.size(); ++id) words.push_back({text(TokenId(id)), model.scores[id]});
    return {{"type", "Unigram"}, {"unk_id", nullptr}, {"vocab", words}, {"byte_fallback", false}};
  }
  json words = json::object(), merges = json::array();
  for (std::size_t id = 0; id < model.words.size(); ++id) words[text(TokenId(id))] = id;
  for (const BpeMerge& merge : model.merges) merges.push_back({text(merge.left), text(merge.right)});
  const json affix = model.split == WordSplit::kNone ? json() : json("");
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", nullptr},
          {"continuing_subword_prefix", affix},
          {"end_of_word_suffix", affix},
          {"fuse_unk", false},
          {"byte_fallback", false},
          {"ignore_merges", false},
          {"vocab", words},
          {"merges", merges}};
}

json hugging_face_tokenizer(const SubwordModel& model, int mark) {
  json splitter;
  if (model.marks_beginnings)
    splitter = {{"type", "Metaspace"}, {"replacement", kMarkText}, {"prepend_scheme", "always"}, {"split", true}};
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", added_tokens(model)},
          {"normalizer", nullptr},
          {"pre_tokenizer", splitter},
          {"post_processor", nullptr},
          {"decoder", splitter},
          {"model", hugging_face_model(model, mark)}};
}

void write_base_words(const Tokenizer& base, SubwordModel::Kind kind, json& file) {
  json ids = json::object(), characters = json::object();
  for (int id = 0; id < base.vocabulary().size(); ++id) {
    const std::string word = id < kSpecialTokens ? kSpecialWords[std::size_t(id)] : base.vocabulary().word(id);
    std::string character;
    append(character, character_of(id));
    ids[word] = id;
    characters[character] = word;
  }
  for (int id = 0; id < kSpecialTokens && kind == SubwordModel::Kind::kUnigram; ++id) {
    const std::string word = std::string(kSpecialWords[std::size_t(id)]) + "-unigram";
    ids[word] = base.vocabulary().size() + id;
    characters[special_text(id, kind)] = word;
  }
  file["_vocab_base"] = ids;
  file["_vocab_base_byte_to_token"] = characters;
}

}  // namespace

bool is_miditok_json(const json& file) { return file.is_object() && file.contains("tokenization"); }

const json* own_description(const json& file) {
  const auto own = file.find("continuo");
  return own != file.end() && own->is_object() && own->contains("name") ? &*own : nullptr;
}

Result<std::shared_ptr<const Tokenizer>> tokenizer_from_miditok(const json& file) {
  CONTINUO_ASSIGN(std::shared_ptr<const Tokenizer> base, base_from_miditok(file));
  if (!file.contains("_model")) return base;
  CONTINUO_ASSIGN(const WordSplit split, split_from_json(file["config"].value("encode_ids_split", json("bar"))));
  CONTINUO_ASSIGN(SubwordModel model, ModelReader(file, *base).read(split));
  CONTINUO_TRY(check_model(*base, model));
  return make_subword_tokenizer(std::move(base), std::move(model));
}

json miditok_json(const Tokenizer& tokenizer) {
  const auto* subwords = dynamic_cast<const SubwordTokenizer*>(&tokenizer);
  const Tokenizer& base = subwords == nullptr ? tokenizer : subwords->base();
  json file = {{"tokenization", "Continuo"}, {"miditok_version", "3.1.0"}, {"continuo", tokenizer.to_json()}};
  const bool is_trained_rows = subwords != nullptr && has_rows(base.name());
  if (const std::string_view name = miditok_class(base.name()); !name.empty() && !is_trained_rows) {
    file["tokenization"] = name;
    file["config"] = to_miditok_config({std::string(base.name()), *options_from_json(base.to_json())},
                                       to_string(subwords == nullptr ? WordSplit::kBar : subwords->model().split));
  }
  if (subwords == nullptr) return file;
  const SubwordModel& model = subwords->model();
  write_base_words(base, model.kind, file);
  if (model.kind == SubwordModel::Kind::kUnigram && file.contains("config")) {
    for (const char* special : kSpecialWords)
      file["config"]["special_tokens"].push_back(std::string(special) + "-unigram");
  }
  file["_model"] = hugging_face_tokenizer(model, base.vocabulary().size()).dump();
  return file;
}

}  // namespace continuo::tokens
