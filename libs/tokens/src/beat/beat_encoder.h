#pragma once

#include <limits>
#include <span>
#include <vector>

#include "beat_piece.h"

namespace continuo::tokens {

// Where a note ends, for vocabularies that have words for it.
struct NoteEnd {
  std::int64_t time = 0;
  std::uint16_t voice = 0;
  std::uint8_t pitch = 0;
};

// Writes words one after the other, and those units that all of the family share.
class BeatEncoder {
 public:
  BeatEncoder(const BeatPiece& piece, const BeatWords& words)
      : piece_(piece), words_(words), meter_(&words.meter(words.default_meter())) {
    for (const BeatMark& mark : piece.marks) {
      if (mark.kind != WordKind::kTimeSignature) continue;
      meter_ = &words.meter(mark.value);
      break;
    }
    tokens_.reserve(6 * piece.notes.size());
  }
  std::vector<TokenId> tokens() { return std::move(tokens_); }

 protected:
  void write(WordKind kind, std::int64_t value) { tokens_.push_back(words_.id(kind, value)); }
  void write_all(std::span<const TokenId> row) { tokens_.insert(tokens_.end(), row.begin(), row.end()); }
  const BeatVoice& voice(std::uint16_t index) const { return piece_.voices[index]; }
  void write_program(std::uint16_t index) {
    if (has_programs_) write(WordKind::kProgram, voice(index).key());
  }
  void write_pitch(std::uint16_t voice_index, std::uint8_t pitch, WordKind kind, WordKind drum_kind) {
    if (voice(voice_index).is_drum) return write(drum_kind, pitch - words_.options().lowest_drum);
    write(kind, pitch - words_.options().lowest_pitch);
  }
  void write_strike(const GridNote& note) {
    write_pitch(note.voice, note.pitch, WordKind::kPitch, WordKind::kDrumPitch);
    if (words_.options().velocity_bins > 0) write(WordKind::kVelocity, words_.velocity_bin(note.velocity));
  }
  void write_note(const GridNote& note) {
    write_program(note.voice);
    write_strike(note);
    write(WordKind::kDuration, meter_->lengths->nearest(note.duration));
  }
  // Takes a new meter up as well.
  void write_mark(const BeatMark& mark) {
    if (mark.kind == WordKind::kTimeSignature) meter_ = &words_.meter(mark.value);
    if (mark.kind == WordKind::kPitchBend || mark.kind == WordKind::kChord) write_program(mark.voice);
    write(mark.kind, mark.value);
  }

  const BeatPiece& piece_;
  const BeatWords& words_;
  const BeatWords::Meter* meter_;  // in force
  bool has_programs_ =
      words_.has(WordKind::kProgram) && !words_.has(WordKind::kTrack);  // of notes: otherwise the track has one

 private:
  std::vector<TokenId> tokens_;
};

// Hands a piece's events to `encoder.mark()`, `encoder.note()` and `encoder.end()` by time, then by Order.
// Requires: marks and ends that are sorted so.
template <typename Order, typename Encoder>
void encode_events(const BeatPiece& piece, std::span<const NoteEnd> ends, Encoder& encoder) {
  auto mark = piece.marks.begin();
  auto end = ends.begin();
  const auto write_up_to = [&](std::int64_t time, int rank) {
    const auto is_due = [&](std::int64_t at, int at_rank) { return at < time || (at == time && at_rank < rank); };
    while (true) {
      const bool has_mark = mark != piece.marks.end() && is_due(mark->time, Order::rank(*mark));
      const bool has_end = end != ends.end() && is_due(end->time, Order::end_rank(end->voice));
      if (has_end && (!has_mark || end->time < mark->time ||
                      (end->time == mark->time && Order::end_rank(end->voice) < Order::rank(*mark)))) {
        encoder.end(*end++);
      } else if (has_mark) {
        encoder.mark(*mark++);
      } else {
        return;
      }
    }
  };
  for (const GridNote& note : piece.notes) {
    write_up_to(note.onset, Order::note_rank(note.voice));
    encoder.note(note);
  }
  write_up_to(std::numeric_limits<std::int64_t>::max(), 0);
}

// The words that an Encoder, which has no words for the ends of notes, writes for a piece.
template <typename Encoder>
std::vector<TokenId> encode_with(const BeatPiece& piece, const BeatWords& words) {
  Encoder encoder(piece, words);
  encode_events<VoiceOrder>(piece, {}, encoder);
  return encoder.tokens();
}

// The chords that notes of one voice make when they start together, as marks. Source: MidiTok's detect_chords.
void add_chords(BeatPiece& piece, const BeatWords& words);

}  // namespace continuo::tokens
