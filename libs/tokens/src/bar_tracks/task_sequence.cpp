#include "continuo/tokens/task_sequence.h"

namespace continuo::tokens {

void TaskSequence::ahead(std::span<const CellBar> bars) {
  if (bars.empty()) return;
  tokens_.push_back(cells_.ahead_start());
  for (const CellBar& bar : bars) given(bar);
  tokens_.push_back(cells_.ahead_end());
}

void TaskSequence::head(std::span<const TokenId> head, std::optional<std::size_t> left) {
  append(head);
  if (!left) return;
  if (const auto word = cells_.left(*left)) tokens_.push_back(*word);
}

void TaskSequence::given(const TrackCell& cell) {
  cells_.append_name(cell.track, tokens_);
  append(cell.notes);
}

void TaskSequence::given(const CellBar& bar) {
  head(bar.head);
  for (const TrackCell& cell : bar.cells) given(cell);
}

void TaskSequence::ask(TrackName track, std::optional<int> density, std::optional<int> voices) {
  cells_.append_name(track, tokens_);
  if (density) tokens_.push_back(cells_.density(*density));
  if (voices) tokens_.push_back(cells_.voices(*voices));
}

}  // namespace continuo::tokens
