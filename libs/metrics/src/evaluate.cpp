#include "continuo/metrics/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "continuo/dataset/masking.h"
#include "continuo/dataset/musical_places.h"
#include "continuo/dataset/windows.h"

namespace continuo::metrics {
namespace {

// What one window asks: `inputs` go in, and the prediction at places[i] should be targets[i].
struct Question {
  std::vector<TokenId> inputs;
  std::vector<MusicalPlace> musical_places;  // of the token after each input; empty where the model has none
  std::vector<std::size_t> places;
  std::vector<TokenId> targets;
};

struct Answer {
  double nll = 0;
  bool right = false;
};

// Shape: logits [vocab].
Answer grade(std::span<const float> logits, TokenId target) {
  const auto best = std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double(logit) - double(*best));
  const double wanted = double(logits[std::size_t(target)]);
  return {std::log(sum) + double(*best) - wanted, best - logits.begin() == target};
}

class Evaluator {
 public:
  Evaluator(const engine::Model& model, const EvaluateOptions& options, ThreadPool& threads)
      : model_(model),
        options_(options),
        threads_(threads),
        vocab_(std::size_t(model.config().vocab_size)),
        causal_(model.config().masking == checkpoint::Masking::kCausal) {
    if (options.tokenizer == nullptr) return;
    traits_ = options.tokenizer->traits();
    if (model.config().has_musical_places()) places_.emplace(*options.tokenizer);
  }

  Status add_piece(std::span<const std::uint16_t> piece, Progress& progress);
  bool enough() const { return options_.max_tokens > 0 && evaluation_.tokens >= options_.max_tokens; }
  Evaluation finish(double seconds);

 private:
  Question ask(std::span<const std::uint16_t> piece, std::size_t begin) const;
  void mask(Question& question) const;
  void answer(const Question& question);

  const engine::Model& model_;
  const EvaluateOptions& options_;
  ThreadPool& threads_;
  std::size_t vocab_;
  bool causal_;
  std::optional<tokens::TokenizerTraits> traits_;
  std::optional<dataset::MusicalPlaces> places_;
  Evaluation evaluation_;
  double nll_ = 0;
  std::uint64_t right_ = 0, notes_ = 0, windows_ = 0;
  std::vector<float> logits_;  // [window, vocab]
  std::vector<Answer> answers_;
};

Question Evaluator::ask(std::span<const std::uint16_t> piece, std::size_t begin) const {
  const auto context = std::size_t(model_.config().context_length);
  // The last token of a causal model's piece has nothing behind it to predict.
  const std::size_t end = std::min(begin + context, piece.size() - (causal_ ? 1 : 0));
  Question question;
  question.inputs.assign(piece.begin() + std::ptrdiff_t(begin), piece.begin() + std::ptrdiff_t(end));
  if (places_) {
    question.musical_places.resize(question.inputs.size());
    places_->read(piece, begin, question.musical_places);
  }
  if (causal_) {
    question.places.resize(end - begin);
    std::iota(question.places.begin(), question.places.end(), std::size_t{0});
    question.targets.assign(piece.begin() + std::ptrdiff_t(begin) + 1, piece.begin() + std::ptrdiff_t(end) + 1);
  } else {
    mask(question);
  }
  return question;
}

void Evaluator::mask(Question& question) const {
  std::vector<std::int64_t> inputs(question.inputs.begin(), question.inputs.end()), targets(inputs.size());
  dataset::mask_window(dataset::MaskRule::kValidation, options_.seed, windows_, inputs, targets);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    question.inputs[i] = static_cast<TokenId>(inputs[i]);
    if (targets[i] == dataset::kIgnore) continue;
    question.places.push_back(i);
    question.targets.push_back(static_cast<TokenId>(targets[i]));
  }
}

void Evaluator::answer(const Question& question) {
  logits_.resize(question.inputs.size() * vocab_);
  model_.forward({question.inputs, question.musical_places}, logits_, threads_);
  answers_.resize(question.places.size());
  threads_.parallel_for(question.places.size(), [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      answers_[i] = grade(std::span(logits_).subspan(question.places[i] * vocab_, vocab_), question.targets[i]);
  });
  // Summed in the order of the music, so that threads change nothing.
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    nll_ += answers_[i].nll;
    right_ += answers_[i].right;
    if (traits_) notes_ += traits_->of(question.targets[i]).notes;
  }
  evaluation_.tokens += answers_.size();
}

Status Evaluator::add_piece(std::span<const std::uint16_t> piece, Progress& progress) {
  for (const std::uint16_t token : piece)
    if (token >= vocab_)
      return Error{ErrorCode::incompatible,
                   "data set and model use different tokenizers (a token is not among the model's " +
                       std::to_string(vocab_) + ")"};
  if (piece.size() < 2) return {};
  const std::size_t last = piece.size() - (causal_ ? 1 : 0);
  ++evaluation_.pieces;
  for (std::size_t begin = 0; begin < last && !enough(); begin += std::size_t(model_.config().context_length)) {
    if (progress.stop_requested()) return Error{ErrorCode::interrupted, "the evaluation was stopped"};
    const Question question = ask(piece, begin);
    ++windows_;
    if (!question.places.empty()) answer(question);
  }
  return {};
}

Evaluation Evaluator::finish(double seconds) {
  const double count = double(std::max<std::uint64_t>(1, evaluation_.tokens));
  evaluation_.nll_nats_per_token = nll_ / count;
  evaluation_.perplexity = std::exp(evaluation_.nll_nats_per_token);
  evaluation_.accuracy = double(right_) / count;
  if (causal_ && notes_ > 0) evaluation_.bits_per_note = nll_ / std::numbers::ln2 / double(notes_);
  if (seconds > 0) evaluation_.tokens_per_second = double(evaluation_.tokens) / seconds;
  return evaluation_;
}

// Whether the tokenizer, if there is one, is that of the model.
Status check_fits(const checkpoint::ModelConfig& config, const tokens::Tokenizer* tokenizer) {
  const tokens::PositionRange range =
      tokenizer == nullptr ? tokens::PositionRange{0, 0} : tokenizer->length_meter()->position_range();
  const bool places = !config.has_musical_places() || tokens::fits(range, config.places, config.slots);
  const bool words = tokenizer == nullptr || tokenizer->vocabulary().size() == config.vocab_size;
  if (!words) return Error{ErrorCode::incompatible, "the model's vocabulary is not that of its tokenizer"};
  if (!places) return Error{ErrorCode::incompatible, "the model's musical places are not those of its tokenizer"};
  return {};
}

}  // namespace

Result<Evaluation> evaluate(const engine::Model& model, const dataset::TokenSequences& data,
                            const EvaluateOptions& options, ThreadPool& threads, Progress& progress) {
  if (data.pieces() == 0) return Error{ErrorCode::empty, "this split has no piece"};
  CONTINUO_TRY(check_fits(model.config(), options.tokenizer));
  const auto start = std::chrono::steady_clock::now();
  Evaluator evaluator(model, options, threads);
  for (std::size_t i = 0; i < data.pieces() && !evaluator.enough(); ++i) {
    progress.update(i, data.pieces(), data.name(i));
    CONTINUO_TRY(evaluator.add_piece(data.piece(i), progress));
  }
  progress.update(data.pieces(), data.pieces(), "");
  return evaluator.finish(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace continuo::metrics
