#pragma once

#include <optional>
#include <span>
#include <vector>

#include "continuo/generate/compose.h"
#include "continuo/score/score.h"

#include "../request/history.h"
#include "../request/request.h"

namespace continuo::generate {

// Whether the model fills in masks; otherwise it draws one token after another.
bool is_bidirectional(const Composer& composer);

// `count` equal histories that hold `tokens`. Errors: invalid_tokens.
Result<std::vector<History>> make_histories(const Request& request, std::span<const TokenId> tokens, std::size_t count);

// Appends new music to each history until the goal is reached, as the model does it: history i with the seed + i.
// Requires: the histories are equal. Errors: interrupted.
Status generate_music(const Request& request, std::span<History> histories);

// What plays the notes of a piece.
tokens::Instruments instruments_of(const score::Score& score);

// Notes in `result` what was drawn: the tokens from index `begin` on, and their likelihood.
void note_drawn(const History& history, std::size_t begin, Composition& result);

// Where the new music of `history` has to stop on `decoded`, its decoded score. Nothing where the goal is a number of
// tokens. Units: ticks of `decoded`.
std::optional<score::Ticks> goal_end(const Request& request, const History& history, const score::Score& decoded);

}  // namespace continuo::generate
