#include "loop/matched_words.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "continuo/base/rng.h"
#include "continuo/base/text.h"
#include "continuo/tokens/registry.h"

namespace continuo::train {
namespace {

using checkpoint::TensorView;

constexpr const char* kOfWords[] = {"token_embedding.weight", "output.weight", "output.bias"};
constexpr double kNoise = 0.01;                       // of the rows' spread
constexpr std::uint64_t kNewWordStream = 0x776f7264;  // keeps new words apart from other draws of the same seed

std::span<const float> floats_of(const TensorView& tensor) {
  return {reinterpret_cast<const float*>(tensor.data.data()), tensor.data.size() / sizeof(float)};
}

// The mean of rows [count, width], and how far numbers are from it: the root of the mean square.
struct Centre {
  std::vector<double> mean;
  double spread = 0;
};
Centre centre_of(std::span<const float> rows, std::size_t width) {
  Centre centre{std::vector<double>(width)};
  const auto count = static_cast<double>(rows.size() / width);
  for (std::size_t i = 0; i < rows.size(); ++i) centre.mean[i % width] += rows[i] / count;
  double squares = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) squares += std::pow(rows[i] - centre.mean[i % width], 2);
  centre.spread = std::sqrt(squares / static_cast<double>(rows.size()));
  return centre;
}

// Shape: rows [words of the model, width] -> [words.from.size(), width].
std::vector<float> matched(std::span<const float> rows, std::size_t width, const MatchedWords& words, Rng rng) {
  const Centre centre = centre_of(rows, width);
  const double bound = kNoise * std::sqrt(3.0) * centre.spread;  // of uniform noise
  std::vector<float> out;
  for (const std::optional<TokenId>& from : words.from) {
    if (from) {
      const auto row = rows.subspan(static_cast<std::size_t>(*from) * width, width);
      out.insert(out.end(), row.begin(), row.end());
      continue;
    }
    for (const double mean : centre.mean) out.push_back(static_cast<float>(mean + (2 * rng.uniform() - 1) * bound));
  }
  return out;
}

}  // namespace

std::string MatchedWords::summary() const {
  return grouped(copied) + " words copied by name, " + grouped(added) + " new, " + grouped(dropped) + " dropped";
}

MatchedWords match_words(const tokens::Vocabulary& model, const tokens::Vocabulary& data) {
  MatchedWords matched;
  for (const std::string& word : data.words()) {
    matched.from.push_back(model.find(word));
    (matched.from.back() ? matched.copied : matched.added) += 1;
  }
  matched.dropped = static_cast<std::size_t>(model.size()) - matched.copied;
  return matched;
}

Result<std::optional<MatchedWords>> words_of_model(const checkpoint::Checkpoint& model, const tokens::Tokenizer& data) {
  if (model.tokenizer == data.to_json()) return std::optional<MatchedWords>();
  CONTINUO_ASSIGN(const auto of_model, tokens::tokenizer_from_json(model.tokenizer));
  if (of_model->length_meter()->position_range() != data.length_meter()->position_range()) {
    return Error{ErrorCode::incompatible, "the model's tokenizer, " + std::string(data.name()) +
                                              ", has steps of another length than the data set's: equal words mean "
                                              "other times"};
  }
  return std::optional(match_words(of_model->vocabulary(), data.vocabulary()));
}

Result<MatchedWeights> MatchedWeights::make(const checkpoint::Checkpoint& model, const MatchedWords& words,
                                            std::uint64_t seed) {
  MatchedWeights result;
  result.network_ = neural::Network::create(model.model, 0);
  CONTINUO_TRY(result.network_->import_weights(model.file.tensors()));
  result.tensors_ = result.network_->export_weights();
  const auto vocab = static_cast<std::size_t>(model.model.vocab_size);
  for (const char* name : kOfWords) {
    const auto found = result.tensors_.find(name);
    if (found == result.tensors_.end()) continue;
    TensorView& tensor = found->second;
    const auto old = floats_of(tensor);
    std::vector<float>& rows = result.rows_[name];
    rows = matched(old, old.size() / vocab, words, Rng(mix_seed(mix_seed(seed, kNewWordStream), result.rows_.size())));
    tensor.shape.front() = static_cast<std::int64_t>(words.from.size());
    tensor.data = {reinterpret_cast<const std::uint8_t*>(rows.data()), rows.size() * sizeof(float)};
  }
  return result;
}

}  // namespace continuo::train
