#include "remi_grammar.h"

#include <algorithm>
#include <cmath>

#include "remi_bars.h"

namespace continuo::tokens {
bool RemiGrammar::bar_is_legal() const {
  switch (state_.last) {
    case WordKind::kNone:
      return true;
    case WordKind::kBar:
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
    case WordKind::kDuration:
      return state_.tempo >= 0 && state_.empty_bars <= kMaxEmptyBars;
    default:
      return false;
  }
}

RemiGrammar::Values RemiGrammar::legal_positions() const {
  switch (state_.last) {
    case WordKind::kBar:
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
    case WordKind::kDuration:
      break;
    default:
      return {};
  }
  if (state_.meter < 0) return {};
  // A piece begins with its tempo.
  if (state_.tempo < 0) return {0, 1};
  return {state_.position + 1, words_->meter(state_.meter).length};
}

int RemiGrammar::durations_within(double quarters) const {
  const double positions = std::floor(quarters * words_->positions_per_quarter());
  if (positions < words_->duration(0)) return 0;
  return words_->duration_within(std::int64_t(std::min(positions, 1e9))) + 1;
}

RemiGrammar::Values RemiGrammar::legal_values(WordKind kind) const {
  const WordKind last = state_.last;
  const bool at_new_position = (last == WordKind::kPosition && state_.tempo >= 0) || last == WordKind::kTempo;
  const int count = words_->count(kind);
  switch (kind) {
    case WordKind::kBar:
      return {0, bar_is_legal() ? 1 : 0};
    case WordKind::kTimeSignature:
      return {0, last == WordKind::kBar ? count : 0, state_.meter};
    case WordKind::kPosition:
      return legal_positions();
    case WordKind::kTempo:
      return {0, last == WordKind::kPosition ? count : 0, state_.tempo};
    case WordKind::kProgram:
      if (at_new_position) return {0, count, state_.program};
      return {state_.last_program + 1, last == WordKind::kDuration ? count : 0};
    case WordKind::kPitch:
      if (last == WordKind::kProgram || (at_new_position && state_.program >= 0)) return {0, count};
      return {state_.last_pitch + 1, last == WordKind::kDuration ? count : 0};
    case WordKind::kVelocity:
      return {0, last == WordKind::kPitch ? count : 0};
    case WordKind::kDuration:
      return {0, last == WordKind::kVelocity ? count : 0};
    default:
      return {};
  }
}

void RemiGrammar::advance(State& state, Word word) {
  switch (word.kind) {
    case WordKind::kBar:
      state.position = state.program = state.last_program = state.last_pitch = -1;
      ++state.empty_bars;
      break;
    case WordKind::kTimeSignature:
      state.meter = word.value;
      break;
    case WordKind::kPosition:
      state.position = word.value;
      state.last_program = state.last_pitch = -1;
      break;
    case WordKind::kTempo:
      state.tempo = word.value;
      state.empty_bars = 0;
      break;
    case WordKind::kProgram:
      state.program = word.value;
      state.last_pitch = -1;
      break;
    case WordKind::kPitch:
      state.last_program = state.program;
      state.last_pitch = word.value;
      state.empty_bars = 0;
      break;
    case WordKind::kDuration:
      state.has_notes = true;
      break;
    default:
      break;
  }
  if (word.kind != WordKind::kNone) state.last = word.kind;
}

void RemiGrammar::accept(TokenId token) { advance(state_, words_->word(token)); }

bool RemiGrammar::can_end(const State& state) {
  switch (state.last) {
    case WordKind::kBar:
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
    case WordKind::kDuration:
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
    case WordKind::kNone:
      return 4 + kNote;
    case WordKind::kBar:
      return (state.meter < 0 ? 3 : 1) + kNote;
    case WordKind::kTimeSignature:
      return (state.tempo < 0 ? 2 : 1) + kNote;
    case WordKind::kPosition:
      if (state.has_notes) return 1;  // a Tempo
      return (state.tempo < 0 ? 1 : 0) + kNote;
    case WordKind::kTempo:
      return kNote;
    case WordKind::kProgram:
      return 3;
    case WordKind::kPitch:
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
