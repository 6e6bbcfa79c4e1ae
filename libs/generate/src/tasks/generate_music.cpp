#include "generate_music.h"

#include <algorithm>

#include "../continuation/continuation.h"
#include "../unmasking/unmasking.h"

namespace continuo::generate {

using score::Ticks;

bool is_bidirectional(const Composer& composer) {
  switch (composer.model->config().masking) {
    case checkpoint::Masking::kBidirectional:
      return true;
    case checkpoint::Masking::kCausal:
      return false;
  }
  return false;
}

Result<std::vector<History>> make_histories(const Request& request, std::span<const TokenId> tokens,
                                            std::size_t count) {
  std::vector<History> histories;
  for (std::size_t i = 0; i < count; ++i) {
    histories.emplace_back(*request.composer.tokenizer, request.facts);
    CONTINUO_TRY(histories.back().append(tokens));
  }
  return histories;
}

Status generate_music(const Request& request, std::span<History> histories) {
  if (!is_bidirectional(request.composer)) return continue_histories(request, histories);
  std::uint64_t seed = request.options.seed;
  for (History& history : histories) CONTINUO_TRY(continue_by_unmasking(request, seed++, history));
  return {};
}

tokens::Instruments instruments_of(const score::Score& score) {
  constexpr std::size_t kDrums = 128;
  tokens::Instruments instruments;
  for (const score::Track& track : score.tracks)
    if (!track.notes.empty()) instruments.set(track.is_drum ? kDrums : std::min<std::size_t>(track.program, 127));
  return instruments;
}

void note_drawn(const History& history, std::size_t begin, Composition& result) {
  result.tokens.assign(history.tokens().begin() + std::ptrdiff_t(begin), history.tokens().end());
  result.likelihood = history.likelihood();
}

std::optional<Ticks> goal_end(const Request& request, const History& history, const score::Score& decoded) {
  const auto map = decoded.tempo_map();
  if (request.goal.seconds) return map.to_ticks(score::Seconds(request.start_seconds + *request.goal.seconds));
  if (request.goal.bars) {
    const double end = history.end_seconds().value_or(history.seconds_after(request.facts.bar_token()));
    return map.to_ticks(score::Seconds(end));
  }
  return std::nullopt;
}

}  // namespace continuo::generate
