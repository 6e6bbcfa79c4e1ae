#pragma once

#include <span>
#include <vector>

#include "continuo/tokens/token_decoder.h"

#include "beat_clock.h"
#include "beat_piece.h"

namespace continuo::tokens {

// Reads the words of a tokenisation of the beat family to a piece. Requires: as of PieceReader. The words must outlive
// it.
class BeatReader {
 public:
  explicit BeatReader(const BeatWords& words) : words_(words), ticks_per_tick_(score_ticks_per_tick(words)) {}
  virtual ~BeatReader() = default;
  void expect_notes(std::size_t count) { piece_.notes.reserve(piece_.notes.size() + count); }
  // The next tokens. Appends to `events`, unless it is null, what they complete.
  virtual void accept(std::span<const TokenId> tokens, DecodedEvents* events) = 0;
  // As it was read: not yet settled. Nothing else may be called afterwards.
  BeatPiece piece() { return std::move(piece_); }

 protected:
  void give(const GridNote& note, DecodedEvents* events) const;
  // A tempo or a time signature.
  void give(const BeatMark& mark, DecodedEvents* events) const;

  const BeatWords& words_;
  BeatPiece piece_;

 private:
  std::int64_t ticks_per_tick_;
};

// Reads words that go through time as BeatClock does. A note is whole with its word of kind `last_of_note` (kPitch: or
// kDrumPitch); in vocabularies with note ends it then sounds until its end comes, the earliest first.
class ClockedReader : public BeatReader {
 public:
  ClockedReader(const BeatWords& words, WordKind last_of_note);
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override;

 protected:
  void accept(Word word, DecodedEvents* events);

 private:
  int add_voice(BeatVoice voice);
  std::uint16_t voice(int key);
  std::uint16_t note_voice(bool is_drum) {
    return voice(words_.has(WordKind::kProgram) ? program_ : is_drum ? kDrumVoice : 0);
  }
  void accept_change(Word word, DecodedEvents* events);
  void strike(DecodedEvents* events);
  void end_note(int value, bool is_drum, DecodedEvents* events);

  WordKind last_of_note_;
  BeatClock clock_;
  bool has_ends_;
  GridNote note_;
  bool is_drum_ = false;
  int deviation_ = 0;
  int program_ = 0, track_ = -1, meter_ = -1, tempo_ = -1;
  std::vector<int> voices_ = std::vector<int>(kVoices, -1);  // by key
  std::vector<std::int32_t> open_;                           // by voice and pitch, the earliest note that sounds
  std::vector<std::int32_t> later_;                          // by note, the next of its pitch that sounds
};

}  // namespace continuo::tokens
