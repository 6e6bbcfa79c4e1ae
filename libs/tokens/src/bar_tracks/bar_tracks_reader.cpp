#include "bar_tracks_reader.h"

#include <utility>

namespace continuo::tokens {

BarTracksReader::BarTracksReader(const BeatWords& words) : BeatReader(words), clock_(words) {
  note_.velocity = words.velocity(0);
}

void BarTracksReader::accept(std::span<const TokenId> tokens, DecodedEvents* events) {
  for (const TokenId token : tokens) accept(words_.word(token), events);
}

void BarTracksReader::accept(Word word, DecodedEvents* events) {
  clock_.accept(word);
  switch (word.kind) {
    case WordKind::kProgram:
      program_ = word.value;
      part_ = 0;
      break;
    case WordKind::kPart:
      part_ = word.value + 1;
      break;
    case WordKind::kPitch:
    case WordKind::kDrumPitch:
      note_.pitch = words_.pitch(word.value, word.kind == WordKind::kDrumPitch);
      break;
    case WordKind::kVelocity:
      note_.velocity = words_.velocity(word.value);
      break;
    case WordKind::kDuration:
      note_.duration = clock_.meter().lengths->ticks(word.value);
      note_.onset = clock_.now();
      note_.voice = voice(program_, part_);
      piece_.notes.push_back(note_);
      give(note_, events);
      break;
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
    case WordKind::kKey:
      accept_change(word, events);
      break;
    default:
      break;
  }
}

void BarTracksReader::accept_change(Word word, DecodedEvents* events) {
  const BeatMark mark{clock_.now(), word.kind, BeatMark::kWholePiece, word.value};
  bool is_new = false;
  if (word.kind == WordKind::kTimeSignature) {
    if (std::exchange(meter_, word.value) == word.value) return;
    is_new = true;
  } else if (word.kind == WordKind::kTempo) {
    is_new = std::exchange(tempo_, word.value) != word.value;
  }
  piece_.marks.push_back(mark);
  if (is_new) give(mark, events);
}

std::uint16_t BarTracksReader::voice(int program, int part) {
  std::vector<std::uint16_t>& parts = voices_[std::size_t(program)];
  while (parts.size() <= std::size_t(part)) {
    parts.push_back(std::uint16_t(piece_.voices.size()));
    piece_.voices.push_back(BeatVoice::of(program));
  }
  return parts[std::size_t(part)];
}

}  // namespace continuo::tokens
