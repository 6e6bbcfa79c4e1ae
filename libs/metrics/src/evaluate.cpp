#include "continuo/metrics/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <utility>
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
  double weight = 1;  // of each target
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

// What is known of tokens as music.
struct MusicFacts {
  explicit MusicFacts(const tokens::Tokenizer& tokenizer)
      : traits(tokenizer.traits()), places(tokenizer), meter(tokenizer.length_meter()) {
    for (TokenId token = 0; token < tokenizer.vocabulary().size(); ++token)
      kinds.push_back(tokenizer.vocabulary().kind(token));
  }

  tokens::TokenizerTraits traits;
  std::vector<std::string> kinds;  // by token
  dataset::MusicalPlaces places;
  std::unique_ptr<tokens::LengthMeter> meter;  // after the latest token that was predicted
};

class Evaluator {
 public:
  // Requires: options in range.
  Evaluator(const engine::Model& model, const EvaluateOptions& options, ThreadPool& threads)
      : model_(model),
        options_(options),
        threads_(threads),
        vocab_(std::size_t(model.config().vocab_size)),
        causal_(model.config().masking == checkpoint::Masking::kCausal) {
    measured_.is_causal = causal_;
    measured_.context = options.context > 0 ? options.context : model.config().context_length;
    measured_.stride = options.stride > 0 ? options.stride : measured_.context;
    if (model.config().memory_length > 0) session_ = model.new_session(threads);
    if (options.tokenizer != nullptr) music_.emplace(*options.tokenizer);
  }

  // Pieces come in order. One that another shard measures counts for the numbers of the windows alone.
  Status add_piece(std::size_t number, std::span<const std::uint16_t> piece, Progress& progress);
  void pass_piece(std::span<const std::uint16_t> piece) { windows_before_ += windows_in(piece); }
  bool enough() const { return options_.max_tokens > 0 && tokens_ >= options_.max_tokens; }
  MeasuredPieces& measured() { return measured_; }

 private:
  // Tokens [begin, end) are the inputs; what is predicted before `asked` was asked by the window before.
  struct Window {
    std::size_t begin, end, asked;
  };
  // The tokens of a piece that are read: the last one of a causal model's has nothing after it to predict.
  std::size_t length_of(std::span<const std::uint16_t> piece) const { return piece.size() - (causal_ ? 1 : 0); }
  std::uint64_t windows_in(std::span<const std::uint16_t> piece) const;
  Question read(std::span<const std::uint16_t> piece, const Window& window) const;
  Question ask_next_tokens(Question question, std::span<const std::uint16_t> piece, const Window& window) const;
  Question ask_masked(Question question, std::uint64_t draw) const;
  void answer(const Question& question);
  void add(const Answer& answer, std::size_t place, TokenId target, double weight);

  const engine::Model& model_;
  const EvaluateOptions& options_;
  ThreadPool& threads_;
  std::size_t vocab_;
  bool causal_;
  std::optional<MusicFacts> music_;
  MeasuredPieces measured_;
  EvaluationSums sums_;                       // of the present piece
  std::uint64_t tokens_ = 0;                  // of all pieces
  std::uint64_t windows_before_ = 0;          // the present one; draws of masks depend on it
  std::shared_ptr<engine::Session> session_;  // of models with a memory, which read a piece from end to end
  std::vector<float> logits_;                 // [window, vocab]
  std::vector<Answer> answers_;
};

Question Evaluator::read(std::span<const std::uint16_t> piece, const Window& window) const {
  Question question;
  question.inputs.assign(piece.begin() + std::ptrdiff_t(window.begin), piece.begin() + std::ptrdiff_t(window.end));
  if (model_.config().has_musical_places()) {
    question.musical_places.resize(question.inputs.size());
    music_->places.read(piece, window.begin, question.musical_places);
  }
  return question;
}

Question Evaluator::ask_next_tokens(Question question, std::span<const std::uint16_t> piece,
                                    const Window& window) const {
  for (std::size_t i = window.asked; i < window.end; ++i) {
    question.places.push_back(i - window.begin);
    question.targets.push_back(TokenId{piece[i + 1]});
  }
  return question;
}

Question Evaluator::ask_masked(Question question, std::uint64_t draw) const {
  std::vector<std::int64_t> inputs(question.inputs.begin(), question.inputs.end()), targets(inputs.size());
  question.weight =
      dataset::mask_window(dataset::MaskRule::kOrderless, options_.seed, draw, question.musical_places, inputs, targets)
          .weight();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    question.inputs[i] = static_cast<TokenId>(inputs[i]);
    if (targets[i] == dataset::kIgnore) continue;
    question.places.push_back(i);
    question.targets.push_back(static_cast<TokenId>(targets[i]));
  }
  return question;
}

void Evaluator::answer(const Question& question) {
  if (question.places.empty()) return;
  logits_.resize(question.inputs.size() * vocab_);
  const engine::Input input(question.inputs, question.musical_places);
  session_ ? session_->read(input, logits_) : model_.forward(input, logits_, threads_);
  answers_.resize(question.places.size());
  threads_.parallel_for(question.places.size(), [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      answers_[i] = grade(std::span(logits_).subspan(question.places[i] * vocab_, vocab_), question.targets[i]);
  });
  // Summed in the order of the music, so that threads change nothing.
  for (std::size_t i = 0; i < answers_.size(); ++i)
    add(answers_[i], question.places[i], question.targets[i], question.weight);
}

void Evaluator::add(const Answer& answer, std::size_t place, TokenId target, double weight) {
  sums_.nll.add(answer.nll, 1, weight);
  sums_.right += answer.right ? weight : 0;
  ++tokens_;
  sums_.quarters[4 * place / std::size_t(measured_.context)].add(answer.nll, 1, weight);
  if (!music_) return;
  sums_.kinds[music_->kinds[std::size_t(target)]].add(answer.nll, 1, weight);
  sums_.notes += music_->traits.of(target).notes;
  const std::int64_t before = music_->meter->position().step;
  music_->meter->accept(target);
  sums_.steps += std::max<std::int64_t>(0, music_->meter->position().step - before);
}

std::uint64_t Evaluator::windows_in(std::span<const std::uint16_t> piece) const {
  if (piece.size() < 2) return 0;
  const auto context = std::size_t(measured_.context), stride = std::size_t(measured_.stride);
  const std::size_t beyond = length_of(piece) - std::min(length_of(piece), context);  // the first window
  return 1 + (beyond + stride - 1) / stride;
}

Status Evaluator::add_piece(std::size_t number, std::span<const std::uint16_t> piece, Progress& progress) {
  for (const std::uint16_t token : piece)
    if (token >= vocab_)
      return Error{ErrorCode::incompatible,
                   "data set and model use different tokenizers (a token is not among the model's " +
                       std::to_string(vocab_) + ")"};
  if (piece.size() < 2) {
    measured_.by_piece[number] = {};
    return {};
  }
  const std::size_t last = length_of(piece);
  const auto context = std::size_t(measured_.context), stride = std::size_t(measured_.stride);
  sums_ = {.pieces = 1};
  if (music_) music_->meter->reset();
  if (session_) session_->reset();
  for (std::size_t begin = 0, asked = 0; asked < last && !enough(); begin += stride) {
    if (progress.stop_requested()) return Error{ErrorCode::interrupted, "the evaluation was stopped"};
    const Window window = {begin, std::min(begin + context, last), asked};
    const Question question = read(piece, window);
    if (causal_) answer(ask_next_tokens(question, piece, window));
    const auto draws = causal_ ? 0 : std::uint64_t(options_.mask_draws);
    for (std::uint64_t i = 0; i < draws; ++i) answer(ask_masked(question, windows_before_ * draws + i));
    ++windows_before_;
    ++sums_.windows;
    asked = window.end;
  }
  measured_.by_piece.emplace(number, std::move(sums_));
  return {};
}

// Whether the tokenizer, if there is one, is that of the model.
Status check_fits(const checkpoint::ModelConfig& config, const tokens::Tokenizer* tokenizer) {
  const tokens::PositionRange range =
      tokenizer == nullptr ? tokens::PositionRange{} : tokenizer->length_meter()->position_range();
  const bool places =
      tokens::fits(range, config.places, config.slots, config.masking == checkpoint::Masking::kBidirectional);
  const bool words = tokenizer == nullptr || tokenizer->vocabulary().size() == config.vocab_size;
  if (!words) return Error{ErrorCode::incompatible, "the model's vocabulary is not that of its tokenizer"};
  if (!places) return Error{ErrorCode::incompatible, "the model's musical places are not those of its tokenizer"};
  return {};
}

}  // namespace

Status check_windows(const checkpoint::ModelConfig& config, const EvaluateOptions& options) {
  const auto refused = [](const std::string& what) { return Error{ErrorCode::invalid_argument, what, {}, {}}; };
  const int context = options.context > 0 ? options.context : config.context_length;
  const bool overlaps = options.stride > 0 && options.stride < context;
  if (options.context < 0) return refused("context: must be at least 0");
  if (config.is_limited_to_context() && context > config.context_length) {
    return refused("context: the model has at most " + std::to_string(config.context_length) + " tokens, not " +
                   std::to_string(context));
  }
  if (options.stride < 0 || options.stride > context)
    return refused("stride: must be at most the " + std::to_string(context) + " tokens of a window");
  if (config.masking == checkpoint::Masking::kBidirectional && overlaps)
    return refused("stride: windows of a bert model do not overlap; leave it out");
  if (config.memory_length > 0 && overlaps)
    return refused("stride: a model with a memory reads windows one after the other; leave it out");
  return {};
}

void EvaluationSums::add(const EvaluationSums& other) {
  nll.add(other.nll);
  right += other.right;
  pieces += other.pieces;
  windows += other.windows;
  notes += other.notes;
  steps += other.steps;
  for (std::size_t i = 0; i < quarters.size(); ++i) quarters[i].add(other.quarters[i]);
  for (const auto& [kind, sum] : other.kinds) kinds[kind].add(sum);
}

Result<MeasuredPieces> measure_pieces(const engine::Model& model, const dataset::TokenSequences& data,
                                      const EvaluateOptions& options, ThreadPool& threads, Progress& progress) {
  if (data.pieces() == 0) return Error{ErrorCode::empty, "this split has no piece"};
  CONTINUO_TRY(check_fits(model.config(), options.tokenizer));
  CONTINUO_TRY(check_windows(model.config(), options));
  const auto start = std::chrono::steady_clock::now();
  Evaluator evaluator(model, options, threads);
  for (std::size_t i = 0; i < data.pieces() && !evaluator.enough(); ++i) {
    progress.update(i, data.pieces(), data.name(i));
    if (i % options.shard_count != options.shard_index) {
      evaluator.pass_piece(data.piece(i));
      continue;
    }
    CONTINUO_TRY(evaluator.add_piece(i, data.piece(i), progress));
  }
  progress.update(data.pieces(), data.pieces(), "");
  MeasuredPieces measured = std::move(evaluator.measured());
  measured.pieces_of_split = data.pieces();
  measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return measured;
}

Evaluation evaluation_of(const MeasuredPieces& measured) {
  EvaluationSums sums;
  for (const auto& [number, piece] : measured.by_piece) sums.add(piece);
  Evaluation evaluation{.nll_nats_per_token = sums.nll.mean(),
                        .perplexity = std::exp(sums.nll.mean()),
                        .accuracy = sums.nll.weight > 0 ? sums.right / sums.nll.weight : 0,
                        .tokens = sums.nll.tokens,
                        .pieces = sums.pieces,
                        .windows = sums.windows,
                        .context = measured.context,
                        .stride = measured.stride,
                        .quarters = sums.quarters,
                        .kinds = sums.kinds};
  if (measured.is_causal && sums.notes > 0)
    evaluation.bits_per_note = sums.nll.sum / std::numbers::ln2 / double(sums.notes);
  if (measured.is_causal && sums.steps > 0) evaluation.nats_per_step = sums.nll.sum / double(sums.steps);
  if (measured.seconds > 0) evaluation.tokens_per_second = double(evaluation.tokens) / measured.seconds;
  return evaluation;
}

Result<Evaluation> evaluate(const engine::Model& model, const dataset::TokenSequences& data,
                            const EvaluateOptions& options, ThreadPool& threads, Progress& progress) {
  CONTINUO_ASSIGN(const MeasuredPieces measured, measure_pieces(model, data, options, threads, progress));
  return evaluation_of(measured);
}

}  // namespace continuo::metrics
