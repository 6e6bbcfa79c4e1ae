#include "cell_context.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "continuo/tokens/vocabulary.h"

namespace continuo::generate {

CellContext::CellContext(const Request& request, std::unique_ptr<engine::Session> session)
    : request_(&request), session_(std::move(session)), meter_(request.composer.tokenizer->length_meter()) {}

Result<CellContext> CellContext::start(const Request& request) {
  auto session = engine::Session::start(request.composer.model, request.threads);
  if (!session)
    return Error{ErrorCode::unsupported,
                 "a " + request.composer.model->config().preset + " model is not causal: it cannot write tracks"};
  return CellContext(request, std::move(session));
}

std::size_t CellContext::limit() const {
  const auto& config = request_->composer.model->config();
  return config.is_limited_to_context() ? std::size_t(config.context_length) : std::numeric_limits<std::size_t>::max();
}

void CellContext::feed(std::span<const TokenId> tokens) {
  std::vector<MusicalPlace> places;
  for (const TokenId token : tokens) {
    meter_->accept(token);
    places.push_back(tokens::place_of(meter_->position()));
  }
  logits_ = tokens.size() == 1 ? session_->step(tokens[0], places[0]) : session_->prefill({tokens, places});
}

// As many of the latest bars as fill at most five eighths of the context with what is ahead; of a bar that is longer,
// its end.
void CellContext::read_again() {
  const std::size_t room = limit() == std::numeric_limits<std::size_t>::max() ? limit() : limit() / 8 * 5;
  std::vector<TokenId> tokens = {tokens::kBos};
  tokens.insert(tokens.end(), ahead_.begin(), ahead_.end());
  std::size_t first = bars_.size(), size = tokens.size();
  while (first > 0 && size + bars_[first - 1].size() <= room) size += bars_[--first].size();
  for (std::size_t i = first; i < bars_.size(); ++i) tokens.insert(tokens.end(), bars_[i].begin(), bars_[i].end());
  if (first == bars_.size()) {
    const std::vector<TokenId>& bar = bars_.back();
    const std::size_t kept = std::min(bar.size(), std::max<std::size_t>(1, room - std::min(room, tokens.size())));
    tokens.insert(tokens.end(), bar.end() - std::ptrdiff_t(kept), bar.end());
  }
  session_->reset();
  meter_->reset();
  feed(tokens);
}

void CellContext::read(std::span<const TokenId> tokens) {
  if (tokens.empty()) return;
  bars_.back().insert(bars_.back().end(), tokens.begin(), tokens.end());
  const auto read_before = std::size_t(session_->position());
  if (read_before == 0 || read_before + tokens.size() > limit()) return read_again();
  feed(tokens);
}

}  // namespace continuo::generate
