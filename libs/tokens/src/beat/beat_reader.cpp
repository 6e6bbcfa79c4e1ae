#include "beat_reader.h"

#include <utility>

namespace continuo::tokens {
namespace {

constexpr std::int32_t kNone = -1;

std::size_t place(std::uint16_t voice, std::uint8_t pitch) { return std::size_t(voice) * 128 + pitch; }

}  // namespace

void BeatReader::give(const GridNote& note, DecodedEvents* events) const {
  if (!events) return;
  const BeatVoice& voice = piece_.voices[note.voice];
  events->notes.push_back({.note = score_note(note, ticks_per_tick_),
                           .track = note.voice,
                           .program = voice.program,
                           .is_drum = voice.is_drum});
}

void BeatReader::give(const BeatMark& mark, DecodedEvents* events) const {
  if (!events) return;
  const score::Ticks time(mark.time * ticks_per_tick_);
  if (mark.kind == WordKind::kTempo) events->tempos.push_back({time, words_.microseconds_per_quarter(mark.value)});
  if (mark.kind != WordKind::kTimeSignature) return;
  const BeatWords::Meter& meter = words_.meter(mark.value);
  events->time_signatures.push_back({time, meter.numerator, meter.denominator});
}

ClockedReader::ClockedReader(const BeatWords& words, WordKind last_of_note)
    : BeatReader(words), last_of_note_(last_of_note), clock_(words), has_ends_(words.has(WordKind::kPitchEnd)) {
  note_.velocity = words.velocity(0);
}

void ClockedReader::accept(std::span<const TokenId> tokens, DecodedEvents* events) {
  for (const TokenId token : tokens) accept(words_.word(token), events);
}

void ClockedReader::accept(Word word, DecodedEvents* events) {
  clock_.accept(word);
  switch (word.kind) {
    case WordKind::kTrack:
      if (word.value == 0) track_ = add_voice({});
      break;
    case WordKind::kProgram:
      program_ = word.value;
      if (track_ >= 0) piece_.voices[std::size_t(track_)] = BeatVoice::of(program_);
      break;
    case WordKind::kPitch:
    case WordKind::kDrumPitch:
      is_drum_ = word.kind == WordKind::kDrumPitch;
      note_.pitch = words_.pitch(word.value, is_drum_);
      break;
    case WordKind::kVelocity:
      note_.velocity = words_.velocity(word.value);
      break;
    case WordKind::kDuration:
      note_.duration = clock_.meter().lengths->ticks(word.value);
      break;
    case WordKind::kMicroTiming:
      deviation_ = words_.deviation(word.value);
      break;
    case WordKind::kPitchEnd:
    case WordKind::kDrumPitchEnd:
      end_note(word.value, word.kind == WordKind::kDrumPitchEnd, events);
      break;
    case WordKind::kTimeSignature:
    case WordKind::kTempo:
    case WordKind::kKey:
    case WordKind::kPedal:
    case WordKind::kPedalEnd:
    case WordKind::kPitchBend:
      accept_change(word, events);
      break;
    default:
      break;
  }
  if (word.kind == last_of_note_ || (last_of_note_ == WordKind::kPitch && word.kind == WordKind::kDrumPitch))
    strike(events);
}

// Tempo, meter and key are those of the first track.
void ClockedReader::accept_change(Word word, DecodedEvents* events) {
  BeatMark mark{clock_.now(), word.kind, BeatMark::kWholePiece, word.value};
  bool is_new = false;
  switch (word.kind) {
    case WordKind::kTimeSignature:
      if (std::exchange(meter_, word.value) == word.value) return;
      is_new = true;
      break;
    case WordKind::kTempo:
      is_new = std::exchange(tempo_, word.value) != word.value;
      break;
    case WordKind::kKey:
      break;
    case WordKind::kPedal:
    case WordKind::kPedalEnd:
      mark.voice = voice(words_.has(WordKind::kProgram) && track_ < 0 ? word.value : program_);
      break;
    case WordKind::kPitchBend:
      mark.voice = voice(program_);
      break;
    default:
      return;
  }
  if (mark.voice == BeatMark::kWholePiece && track_ > 0) return;
  piece_.marks.push_back(mark);
  if (is_new) give(mark, events);
}

int ClockedReader::add_voice(BeatVoice voice) {
  piece_.voices.push_back(voice);
  open_.resize(has_ends_ ? piece_.voices.size() * 128 : 0, kNone);
  return int(piece_.voices.size()) - 1;
}

std::uint16_t ClockedReader::voice(int key) {
  if (track_ >= 0) return std::uint16_t(track_);
  int& known = voices_[std::size_t(key)];
  if (known < 0) known = add_voice(BeatVoice::of(key));
  return std::uint16_t(known);
}

void ClockedReader::strike(DecodedEvents* events) {
  note_.onset = std::max<std::int64_t>(0, clock_.now() + deviation_);
  note_.voice = note_voice(is_drum_);
  piece_.notes.push_back(note_);
  if (events && !has_ends_) give(note_, events);
  if (!has_ends_) return;
  later_.push_back(kNone);
  std::int32_t* last = &open_[place(note_.voice, note_.pitch)];
  while (*last != kNone) last = &later_[std::size_t(*last)];
  *last = std::int32_t(piece_.notes.size()) - 1;
}

void ClockedReader::end_note(int value, bool is_drum, DecodedEvents* events) {
  std::int32_t& first = open_[place(note_voice(is_drum), words_.pitch(value, is_drum))];
  if (first == kNone) return;
  GridNote& note = piece_.notes[std::size_t(first)];
  note.duration = std::max<std::int64_t>(1, clock_.now() - note.onset);
  if (events) give(note, events);
  first = later_[std::size_t(first)];
}

}  // namespace continuo::tokens
