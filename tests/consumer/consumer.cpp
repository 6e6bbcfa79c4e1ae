#include <span>

#include "continuo/notation/notation.h"
#include "continuo/score/score.h"

std::size_t notes_of(std::span<const continuo::score::Score> pieces) {
  std::size_t notes = 0;
  for (const auto& piece : pieces) notes += piece.note_count();
  return notes;
}
