#include "remi_grammar.h"

#include <algorithm>

#include "continuo/tokens/vocabulary.h"

#include "remi_bars.h"

namespace continuo::tokens {
namespace {

constexpr RemiKind kKinds[] = {RemiKind::kBar,     RemiKind::kTimeSignature, RemiKind::kPosition, RemiKind::kTempo,
                               RemiKind::kProgram, RemiKind::kPitch,         RemiKind::kVelocity, RemiKind::kDuration};

}  // namespace

bool RemiGrammar::bar_is_legal() const {
  switch (state_.last) {
    case RemiKind::kNone:
      return true;
    case RemiKind::kBar:
    case RemiKind::kTimeSignature:
    case RemiKind::kTempo:
    case RemiKind::kDuration:
      return state_.tempo >= 0 && state_.empty_bars <= kMaxEmptyBars;
    default:
      return false;
  }
}

RemiGrammar::Values RemiGrammar::legal_positions() const {
  switch (state_.last) {
    case RemiKind::kBar:
    case RemiKind::kTimeSignature:
    case RemiKind::kTempo:
    case RemiKind::kDuration:
      break;
    default:
      return {};
  }
  if (state_.meter < 0) return {};
  // A piece begins with its tempo.
  if (state_.tempo < 0) return {0, 1};
  return {state_.position + 1, words_->meter(state_.meter).length};
}

RemiGrammar::Values RemiGrammar::legal_values(RemiKind kind) const {
  const RemiKind last = state_.last;
  const bool at_new_position = (last == RemiKind::kPosition && state_.tempo >= 0) || last == RemiKind::kTempo;
  const int count = words_->count(kind);
  switch (kind) {
    case RemiKind::kBar:
      return {0, bar_is_legal() ? 1 : 0};
    case RemiKind::kTimeSignature:
      return {0, last == RemiKind::kBar ? count : 0, state_.meter};
    case RemiKind::kPosition:
      return legal_positions();
    case RemiKind::kTempo:
      return {0, last == RemiKind::kPosition ? count : 0, state_.tempo};
    case RemiKind::kProgram:
      if (at_new_position) return {0, count, state_.program};
      return {state_.last_program + 1, last == RemiKind::kDuration ? count : 0};
    case RemiKind::kPitch:
      if (last == RemiKind::kProgram || (at_new_position && state_.program >= 0)) return {0, count};
      return {state_.last_pitch + 1, last == RemiKind::kDuration ? count : 0};
    case RemiKind::kVelocity:
      return {0, last == RemiKind::kPitch ? count : 0};
    case RemiKind::kDuration:
      return {0, last == RemiKind::kVelocity ? count : 0};
    default:
      return {};
  }
}

bool RemiGrammar::is_legal(TokenId token) const {
  if (token == kEos) return can_end();
  const RemiWord word = words_->word(token);
  return word.kind != RemiKind::kNone && legal_values(word.kind).contains(word.value);
}

void RemiGrammar::legal_tokens(std::span<std::uint8_t> legal) const {
  std::fill(legal.begin(), legal.end(), std::uint8_t{0});
  legal[kEos] = can_end();
  for (const RemiKind kind : kKinds) {
    const Values values = legal_values(kind);
    if (values.from >= values.to) continue;
    const auto first = legal.begin() + words_->first(kind);
    std::fill(first + values.from, first + values.to, std::uint8_t{1});
    if (values.except >= 0) first[values.except] = 0;
  }
}

void RemiGrammar::advance(State& state, RemiWord word) {
  switch (word.kind) {
    case RemiKind::kBar:
      state.position = state.program = state.last_program = state.last_pitch = -1;
      ++state.empty_bars;
      break;
    case RemiKind::kTimeSignature:
      state.meter = word.value;
      break;
    case RemiKind::kPosition:
      state.position = word.value;
      state.last_program = state.last_pitch = -1;
      break;
    case RemiKind::kTempo:
      state.tempo = word.value;
      state.empty_bars = 0;
      break;
    case RemiKind::kProgram:
      state.program = word.value;
      state.last_pitch = -1;
      break;
    case RemiKind::kPitch:
      state.last_program = state.program;
      state.last_pitch = word.value;
      state.empty_bars = 0;
      break;
    case RemiKind::kDuration:
      state.has_notes = true;
      break;
    default:
      break;
  }
  if (word.kind != RemiKind::kNone) state.last = word.kind;
}

void RemiGrammar::accept(TokenId token) { advance(state_, words_->word(token)); }

bool RemiGrammar::can_end(const State& state) {
  switch (state.last) {
    case RemiKind::kBar:
    case RemiKind::kTimeSignature:
    case RemiKind::kTempo:
    case RemiKind::kDuration:
      return state.has_notes;
    default:
      return false;
  }
}

bool RemiGrammar::can_end() const { return can_end(state_); }

int RemiGrammar::tokens_to_close(const State& state) {
  if (can_end(state)) return 0;
  constexpr int kNote = 4;  // Program Pitch Velocity Duration
  switch (state.last) {
    case RemiKind::kNone:
      return 4 + kNote;
    case RemiKind::kBar:
      return (state.meter < 0 ? 3 : 1) + kNote;
    case RemiKind::kTimeSignature:
      return (state.tempo < 0 ? 2 : 1) + kNote;
    case RemiKind::kPosition:
      if (state.has_notes) return 1;  // a Tempo
      return (state.tempo < 0 ? 1 : 0) + kNote;
    case RemiKind::kTempo:
      return kNote;
    case RemiKind::kProgram:
      return 3;
    case RemiKind::kPitch:
      return 2;
    default:
      return 1;
  }
}

int RemiGrammar::tokens_to_close() const { return tokens_to_close(state_); }

int RemiGrammar::tokens_to_close_after(TokenId token) const {
  State next = state_;
  advance(next, words_->word(token));
  return tokens_to_close(next);
}

}  // namespace continuo::tokens
