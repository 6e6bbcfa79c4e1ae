#include "continuation.h"

#include <memory>
#include <utility>
#include <vector>

#include "causal_writer.h"

namespace continuo::generate {
namespace {

// The pieces that have not ended yet, which go through the network together.
class WriterBatch {
 public:
  WriterBatch(const Request& request, std::vector<CausalWriter>& writers)
      : ensemble_(writers.size() > 1
                      ? engine::Ensemble::of(request.composer.model, static_cast<int>(writers.size()), request.threads)
                      : nullptr),
        vocab_(std::size_t(request.composer.model->config().vocab_size)) {
    for (CausalWriter& writer : writers) active_.push_back(&writer);
  }

  // Adds a token to each. False when all pieces have ended.
  bool advance() {
    stepped_.clear();
    sessions_.clear();
    tokens_.clear();
    places_.clear();
    for (CausalWriter* writer : std::exchange(active_, {})) {
      if (add_token(*writer)) active_.push_back(writer);
    }
    feed();
    return !active_.empty();
  }

 private:
  // False when the piece has ended.
  bool add_token(CausalWriter& writer) {
    const auto token = writer.choose();
    if (!token) {
      writer.report();
    } else if (writer.session()->full()) {
      writer.reread();
    } else {
      stepped_.push_back(&writer);
      sessions_.push_back(writer.session());
      tokens_.push_back(*token);
      places_.push_back(writer.place());
    }
    return token.has_value();
  }

  void feed() {
    if (stepped_.size() == 1) return stepped_[0]->set_logits(sessions_[0]->step(tokens_[0], places_[0]));
    if (stepped_.empty()) return;
    const auto logits = ensemble_->step(sessions_, {tokens_, places_});
    for (std::size_t i = 0; i < stepped_.size(); ++i) stepped_[i]->set_logits(logits.subspan(i * vocab_, vocab_));
  }

  std::unique_ptr<engine::Ensemble> ensemble_;
  std::size_t vocab_;
  std::vector<CausalWriter*> active_, stepped_;
  std::vector<engine::Session*> sessions_;
  std::vector<TokenId> tokens_;
  std::vector<MusicalPlace> places_;
};

}  // namespace

Status continue_histories(const Request& request, std::span<History> histories) {
  std::vector<CausalWriter> writers;
  writers.reserve(histories.size());
  for (History& history : histories) {
    if (!request.facts.marks_bars()) history.wait_until(request.start_seconds);
    writers.emplace_back(request, history, request.options.seed + writers.size());
    if (writers.size() == 1) {
      CONTINUO_TRY(writers[0].open());
    } else {
      writers.back().open_like(writers[0]);
    }
  }
  WriterBatch batch(request, writers);
  do {
    if (request.progress.stop_requested()) return interrupted();
  } while (batch.advance());
  for (History& history : histories) CONTINUO_TRY(history.close());
  return {};
}

}  // namespace continuo::generate
