#include "beat_grammar.h"

#include <algorithm>
#include <cmath>

namespace continuo::tokens {

BeatGrammar::Values BeatGrammar::legal_values(WordKind kind) const {
  Values legal{0, 0};
  for (const int index : graph().next_of(state_.node, kind)) {
    const WordGraph::Node& next = graph().node(index);
    if (legal.from >= legal.to) legal = {next.from, next.from};
    legal.from = std::min(legal.from, next.from);
    legal.to = std::max(legal.to, std::min(next.to, words().count(kind)));
  }
  if (legal.from >= legal.to) return {};
  const Values ordered = ordered_values(kind);
  return {std::max(legal.from, ordered.from), std::min(legal.to, ordered.to), ordered.except};
}

BeatGrammar::Values BeatGrammar::ordered_values(WordKind kind) const {
  const Values all{0, words().count(kind)};
  switch (kind) {
    case WordKind::kPosition:
      return {state_.after_rest ? state_.clock.position() : state_.position + 1, positions_in_bar()};
    case WordKind::kFamily:
      // Behind the last position of a bar comes the first note, if there is none yet.
      return {int(!state_.has_notes && state_.position + 1 == positions_in_bar()), all.to};
    case WordKind::kTimeSignature:
      if (state_.clock.now() == 0 || (words().has(WordKind::kBar) && !words().has_deviations())) return all;
      return {0, state_.clock.at_bar_line() ? all.to : 0, state_.clock.meter_index()};
    case WordKind::kTimeShift: {
      // No time may pass only where one more note fits.
      const bool is_full = last_pitch_is_top() && !any_instrument_from(state_.last_program + 1);
      return {in_order() && is_full && words().shift(state_.clock.meter(), 0) == 0 ? 1 : 0, all.to};
    }
    case WordKind::kTrack:
      return {0, state_.has_notes && state_.pedals.none() ? all.to : 1};
    case WordKind::kProgram:
      return ordered_programs();
    case WordKind::kPitch:
    case WordKind::kDrumPitch:
      return ordered_pitches(kind);
    default:
      return all;
  }
}

int BeatGrammar::durations_within(double quarters) const {
  const LengthTable& lengths = *state_.clock.meter().lengths;
  const double ticks = std::floor(quarters * words().ticks_per_quarter());
  if (ticks < lengths.shortest()) return 0;
  return lengths.within(std::int64_t(std::min<double>(ticks, lengths.longest()))) + 1;
}

BeatGrammar::Values BeatGrammar::ordered_programs() const {
  const int count = words().count(WordKind::kProgram);
  if (language_->program_follows) return state_.is_drum ? Values{kDrumVoice, count} : Values{0, kDrumVoice};
  if (!in_order() || state_.last_program < 0) return {0, count};
  return {state_.last_program + int(last_pitch_is_top()), count};
}

bool BeatGrammar::last_pitch_is_top() const {
  const WordKind pitches = state_.last_program == kDrumVoice ? WordKind::kDrumPitch : WordKind::kPitch;
  return state_.last_pitch + 1 >= words().count(pitches);
}

BeatGrammar::Values BeatGrammar::ordered_pitches(WordKind kind) const {
  const bool drums = kind == WordKind::kDrumPitch;
  const int count = words().count(kind);
  if (language_->program_follows) return {0, count};
  if (state_.program >= 0 && drums != (state_.program == kDrumVoice)) return {};
  if (!in_order()) return {0, count};
  const int program = drums ? kDrumVoice : std::max(0, state_.program);
  if (program < state_.last_program) return {};
  return {program == state_.last_program ? state_.last_pitch + 1 : 0, count};
}

void BeatGrammar::advance(State& state, Word word) const {
  const std::int64_t before = state.clock.now();
  state.clock.accept(word);
  state.node = graph().follow(state.node, word);
  if (word.kind == WordKind::kRest) state.after_rest = true;
  if (word.kind == WordKind::kPosition || word.kind == WordKind::kBar) state.after_rest = false;
  if (state.clock.now() != before || word.kind == WordKind::kBar) state.last_program = state.last_pitch = -1;
  switch (word.kind) {
    case WordKind::kBar:
      state.position = -1;
      break;
    case WordKind::kPosition:
      state.position = word.value;
      state.last_program = state.last_pitch = -1;
      break;
    case WordKind::kProgram:
      state.program = word.value;
      break;
    case WordKind::kPitch:
    case WordKind::kDrumPitch:
      state.is_drum = word.kind == WordKind::kDrumPitch;
      state.last_program = state.is_drum ? kDrumVoice : std::max(0, state.program);
      state.last_pitch = word.value;
      break;
    case WordKind::kPedal:
    case WordKind::kPedalEnd:
      state.pedals[std::size_t(word.value)] = word.kind == WordKind::kPedal;
      break;
    case WordKind::kTrack:
      if (word.value == 0) state.has_notes = false;
      state.position = state.program = state.last_program = state.last_pitch = -1;
      break;
    default:
      break;
  }
  if (state.node >= 0) state.has_notes |= graph().node(state.node).completes_note;
}

bool BeatGrammar::accept_if_legal(TokenId token) {
  const Word word = words().word(token);
  if (word.kind == WordKind::kNone) return TokenGrammar::accept_if_legal(token);
  const Values ordered = within_limit(word.kind, ordered_values(word.kind));
  const bool follows = graph().follow(state_.node, word) >= 0 && ordered.contains(word.value) &&
                       (!picks(word.kind) || is_picked(word.kind, word.value)) &&
                       is_of_instruments(word.kind, word.value);
  if (follows) accept(token);
  return follows;
}

void BeatGrammar::accept(TokenId token) {
  const Word word = words().word(token);
  if (word.kind != WordKind::kNone) advance(state_, word);
}

int BeatGrammar::close_distance(int node, bool has_notes, std::size_t pedals) const {
  const WordGraph::Node& at = graph().node(node);
  if (pedals == 0) return at.to_end[has_notes];
  // After the last note, pedals come up one after the other.
  if (!has_notes) return int(pedals) + at.to_end[0];
  return at.to_pedal_end + int(pedals) + (words().has(WordKind::kTrack) ? 1 : 0);
}

int BeatGrammar::tokens_to_close() const {
  return close_distance(state_.node, state_.has_notes, state_.pedals.count());
}

BeatGrammar::State BeatGrammar::after(TokenId token) const {
  State next = state_;
  advance(next, words().word(token));
  return next;
}

int BeatGrammar::tokens_to_close_after(TokenId token) const {
  const State next = after(token);
  return close_distance(next.node, next.has_notes, next.pedals.count());
}

}  // namespace continuo::tokens
