#include "bar_tracks_grammar.h"

namespace continuo::tokens {
namespace {

constexpr std::uint8_t kAllParts = 0xFF;
static_assert(kMostParts == 8);

}  // namespace

void BarTracksGrammar::reset() {
  BeatGrammar::reset();
  used_.fill(0);
  program_ = -1;
}

void BarTracksGrammar::accept(TokenId token) {
  const Word word = words().word(token);
  switch (word.kind) {
    case WordKind::kBar:
      used_.fill(0);
      break;
    case WordKind::kProgram:
      program_ = word.value;
      break;
    case WordKind::kPart:
      use(program_, word.value + 1);
      program_ = -1;
      break;
    case WordKind::kPosition:
      if (program_ >= 0) use(program_, 0);
      program_ = -1;
      break;
    case WordKind::kTask:
      return;
    default:
      break;
  }
  BeatGrammar::accept(token);
}

bool BarTracksGrammar::accept_if_legal(TokenId token) {
  if (!is_legal(token)) return false;
  accept(token);
  return true;
}

int BarTracksGrammar::tokens_to_close() const { return BeatGrammar::tokens_to_close() + int(needs_part(program_)); }

int BarTracksGrammar::tokens_to_close_after(TokenId token) const {
  const Word word = words().word(token);
  const bool names = word.kind == WordKind::kProgram && needs_part(word.value);
  return BeatGrammar::tokens_to_close_after(token) + int(names);
}

bool BarTracksGrammar::is_picked(WordKind kind, int value) const {
  if (kind == WordKind::kProgram) return used_[std::size_t(value)] != kAllParts;
  return program_ >= 0 && !is_used(program_, value + 1);
}

BarTracksGrammar::Values BarTracksGrammar::ordered_values(WordKind kind) const {
  if (kind == WordKind::kProgram) return {0, words().count(kind)};
  if (kind == WordKind::kPosition && needs_part(program_)) return {};
  return BeatGrammar::ordered_values(kind);
}

void BarTracksGrammar::advance(State& state, Word word) const {
  BeatGrammar::advance(state, word);
  if (word.kind != WordKind::kProgram) return;
  state.position = state.last_program = state.last_pitch = -1;
}

}  // namespace continuo::tokens
