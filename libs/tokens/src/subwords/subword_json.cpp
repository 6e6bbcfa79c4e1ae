#include "subword_json.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace continuo::tokens {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kSplits = {"bar", "beat", "no"};

Error malformed(const std::string& what) {
  return {ErrorCode::malformed, "the tokenizer's description " + what, {}, {}};
}

bool is_small(const json& value) { return value.is_number_integer() && value >= 0 && value < kMostSubwords; }

Result<std::vector<std::vector<int>>> read_lists(const json& description, const char* key) {
  std::vector<std::vector<int>> lists;
  const auto found = description.find(key);
  if (found == description.end() || !found->is_array()) return malformed(std::string("has no list '") + key + "'");
  for (const json& row : *found) {
    if (!row.is_array()) return malformed(std::string("has an entry of another form in '") + key + "'");
    std::vector<int>& list = lists.emplace_back();
    for (const json& number : row) {
      if (!is_small(number)) return malformed(std::string("has a number out of range in '") + key + "'");
      list.push_back(number.get<int>());
    }
  }
  return lists;
}

Status read_model(const json& description, SubwordModel& model) {
  CONTINUO_ASSIGN(const auto words, read_lists(description, "words"));
  for (int special = 0; special < kSpecialTokens; ++special) model.words.add({});
  for (const std::vector<int>& word : words) {
    const std::vector<Symbol> symbols(word.begin(), word.end());
    model.words.add(symbols);
  }
  if (model.kind == SubwordModel::Kind::kBpe) {
    CONTINUO_ASSIGN(const auto merges, read_lists(description, "merges"));
    for (const std::vector<int>& merge : merges) {
      if (merge.size() != 3) return malformed("has a merge that is not three words");
      model.merges.push_back({merge[0], merge[1], merge[2]});
    }
    return {};
  }
  const json scores = description.value("scores", json::array());
  model.scores.assign(std::size_t(kSpecialTokens), 0.0);
  for (const json& score : scores) {
    if (!score.is_number() || !std::isfinite(score.get<double>())) return malformed("has a score that is no number");
    model.scores.push_back(score.get<double>());
  }
  return {};
}

}  // namespace

std::string_view to_string(WordSplit split) { return kSplits[std::size_t(split)]; }

Result<WordSplit> split_from_json(const json& value) {
  for (std::size_t i = 0; i < kSplits.size(); ++i)
    if (value == kSplits[i]) return WordSplit(i);
  return malformed("does not split by \"bar\", \"beat\" or \"no\"");
}

json subwords_to_json(const Tokenizer& base, const SubwordModel& model) {
  const bool is_bpe = model.kind == SubwordModel::Kind::kBpe;
  json written = {{"name", kSubwords},
                  {"base", base.to_json()},
                  {"options",
                   {{"model", is_bpe ? "bpe" : "unigram"},
                    {"split", to_string(model.split)},
                    {"marks_beginnings", model.marks_beginnings}}}};
  json& words = written["words"] = json::array();
  for (std::size_t id = kSpecialTokens; id < model.words.size(); ++id)
    words.push_back(std::vector<int>(model.words[id].begin(), model.words[id].end()));
  if (is_bpe) {
    json& merges = written["merges"] = json::array();
    for (const BpeMerge& merge : model.merges) merges.push_back({merge.left, merge.right, merge.merged});
  } else {
    written["scores"] = std::vector<double>(model.scores.begin() + kSpecialTokens, model.scores.end());
  }
  return written;
}

Result<std::shared_ptr<const Tokenizer>> subwords_from_json(const json& description, TokenizerReader read_base) {
  const auto base_description = description.find("base");
  if (base_description == description.end() || !base_description->is_object() ||
      base_description->value("name", json()) == kSubwords)
    return malformed("has no base to make subwords of");
  CONTINUO_ASSIGN(std::shared_ptr<const Tokenizer> base, read_base(*base_description));
  const json options = description.value("options", json::object());
  if (!options.is_object()) return malformed("has options that are not an object");
  SubwordModel model;
  const json kind = options.value("model", json());
  if (kind != "bpe" && kind != "unigram") return malformed("names no model \"bpe\" or \"unigram\"");
  model.kind = kind == "bpe" ? SubwordModel::Kind::kBpe : SubwordModel::Kind::kUnigram;
  CONTINUO_ASSIGN(model.split, split_from_json(options.value("split", json("bar"))));
  const json marks = options.value("marks_beginnings", json(true));
  if (!marks.is_boolean()) return malformed("has 'marks_beginnings' that is not true or false");
  model.marks_beginnings = marks.get<bool>();
  CONTINUO_TRY(read_model(description, model));
  CONTINUO_TRY(check_model(*base, model));
  return make_subword_tokenizer(std::move(base), std::move(model));
}

}  // namespace continuo::tokens
