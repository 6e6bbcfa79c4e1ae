#include "cell_writer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "continuo/base/rng.h"
#include "continuo/sampling/sampler.h"
#include "continuo/tokens/task_sequence.h"
#include "continuo/tokens/vocabulary.h"

#include "cell_context.h"

namespace continuo::generate {
namespace {

using tokens::CellBar;
using tokens::TaskSequence;
using tokens::TrackCell;
using tokens::TrackCells;
using tokens::TrackName;

constexpr std::size_t kMostTokensOfACell = 384;
constexpr std::size_t kMostBarsAhead = 4;  // as in training

class CellWriter {
 public:
  CellWriter(const Request& request, const CellPlan& plan, CellContext context, std::uint64_t seed)
      : request_(request),
        plan_(plan),
        cells_(*request.composer.tokenizer->track_cells()),
        context_(std::move(context)),
        grammar_(request.composer.tokenizer->grammar()),
        sampler_(request.options.sampler),
        rng_(seed),
        legal_(std::size_t(request.facts.vocab_size())) {
    grammar_->limit_notes(request.longest_note > 0 ? request.longest_note : tokens::kNoNoteLimit);
  }

  Result<std::vector<std::vector<TrackCell>>> write() {
    give_what_is_around();
    std::vector<std::vector<TrackCell>> written;
    for (std::size_t i = plan_.begin; i < plan_.end; ++i) {
      if (request_.progress.stop_requested()) return interrupted();
      written.push_back(write_bar(plan_.bars[i], plan_.end - i - 1));
      request_.progress.update(written.size(), plan_.end - plan_.begin, std::to_string(drawn_) + " tokens");
    }
    return written;
  }

 private:
  bool is_asked(TrackName track) const { return std::ranges::find(plan_.tracks, track) != plan_.tracks.end(); }

  // The grammar follows the asked bars alone, which does not matter to it; only the first head of a piece is special.
  void give_what_is_around() {
    if (plan_.shows_ahead) context_.set_ahead(bars_ahead());
    for (std::size_t i = 0; i < plan_.begin; ++i) {
      TaskSequence bar(cells_);
      bar.head(plan_.bars[i].head);
      for (const TrackCell& cell : plan_.bars[i].cells) bar.given(cell);
      context_.add_bar(bar.tokens());
    }
    if (plan_.begin > 0) accept(plan_.bars[0].head);
  }

  // As many as leave most of the context to what comes before them.
  std::vector<TokenId> bars_ahead() const {
    const auto after = std::span(plan_.bars).subspan(plan_.end);
    for (std::size_t count = std::min(after.size(), kMostBarsAhead); count > 0; --count) {
      TaskSequence ahead(cells_);
      ahead.ahead(after.first(count));
      if (ahead.tokens().size() <= context_.limit() / 8 * 3) return ahead.tokens();
    }
    return {};
  }

  void accept(std::span<const TokenId> tokens) {
    for (const TokenId token : tokens) grammar_->accept(token);
  }

  std::vector<TrackCell> write_bar(const CellBar& bar, std::size_t left) {
    TaskSequence given(cells_);
    given.head(bar.head, plan_.counts_down ? std::optional(left) : std::nullopt);
    for (const TrackCell& cell : bar.cells)
      if (!is_asked(cell.track)) given.given(cell);
    context_.add_bar({});
    context_.read(given.tokens());
    accept(bar.head);
    std::vector<TrackCell> written;
    for (const TrackName track : plan_.tracks) {
      TrackCell cell{.track = track, .notes = write_notes(track)};
      if (!cell.notes.empty()) written.push_back(std::move(cell));
    }
    return written;
  }

  // Empty where the track is silent.
  std::vector<TokenId> write_notes(TrackName track) {
    TaskSequence question(cells_);
    question.ask(track);
    context_.read(question.tokens());
    const auto before = grammar_->clone();
    accept(question.tokens());
    std::vector<TokenId> notes;
    while (true) {
      const TokenId token = draw(notes.empty());
      if (token == cells_.silent()) {
        grammar_ = before->clone();
        context_.read(std::span(&token, 1));
        return {};
      }
      if (cells_.role(token) != TrackCells::Role::kNote) return notes;
      notes.push_back(token);
      ++drawn_;
      grammar_->accept(token);
      context_.read(std::span(&token, 1));
      if (notes.size() >= kMostTokensOfACell && grammar_->can_end()) return notes;
    }
  }

  // A word of the cell, or any other, which ends it. A cell that has been named begins with a note, or is silent.
  TokenId draw(bool begins) {
    grammar_->legal_tokens(legal_);
    if (begins) {
      for (TokenId token = 0; token < request_.facts.vocab_size(); ++token)
        if (cells_.role(token) != TrackCells::Role::kNote) legal_[std::size_t(token)] = 0;
      legal_[std::size_t(cells_.silent())] = 1;
    }
    return sampler_.sample(context_.logits(), legal_, rng_);
  }

  const Request& request_;
  const CellPlan& plan_;
  const TrackCells& cells_;
  CellContext context_;
  std::unique_ptr<tokens::TokenGrammar> grammar_;
  sampling::Sampler sampler_;
  Rng rng_;
  std::vector<std::uint8_t> legal_;
  std::size_t drawn_ = 0;
};

}  // namespace

Result<std::vector<std::vector<TrackCell>>> write_cells(const Request& request, const CellPlan& plan,
                                                        std::uint64_t seed) {
  CONTINUO_ASSIGN(CellContext context, CellContext::start(request));
  return CellWriter(request, plan, std::move(context), seed).write();
}

}  // namespace continuo::generate
