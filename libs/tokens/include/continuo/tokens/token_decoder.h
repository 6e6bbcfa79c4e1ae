#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/base/token_id.h"
#include "continuo/score/score.h"

namespace continuo::tokens {

// A note of a token sequence, and the track that it belongs to. Units: ticks of TokenDecoder::ticks_per_quarter().
struct DecodedNote {
  score::Note note;
  // Notes of one track have the same number. It is no index into Score::tracks, where tracks are sorted and those
  // without notes are missing. Range: 0 upwards.
  int track = 0;
  std::uint8_t program = 0;  // 0 for drums
  bool is_drum = false;
  friend bool operator==(const DecodedNote&, const DecodedNote&) = default;
};

// What one token gives. The views are valid until the decoder's next call.
struct DecodedStep {
  std::span<const DecodedNote> notes;
  std::span<const score::Tempo> tempos;
  std::span<const score::TimeSignature> time_signatures;
};

// What the end of the token sequence gives.
struct DecodedPiece {
  std::vector<DecodedNote> notes;  // those that only the end has completed
  score::Score score;              // the whole piece: what Tokenizer::decode() returns
};

// The lists that decoders fill behind a DecodedStep.
struct DecodedEvents {
  std::vector<DecodedNote> notes;
  std::vector<score::Tempo> tempos;
  std::vector<score::TimeSignature> time_signatures;
  void clear();
};

// Decodes one token sequence token by token, for playing and writing music while it is being composed. Whole sequences
// are decoded in the same way: Tokenizer::decode() feeds all tokens and returns the score of finish(). Not thread-safe.
//
// Latency. A note is given by the token that completes it: the one with the last of its attributes.
//   - by the last word of the note (remi, tsd, octuple, ...), or by the item (note_chord), when the note begins;
//   - where tokens release notes (performance, midi_like), by the token that releases it;
//   - chorale_grid: by the first step in which its voice does not hold it; abc_char: by the first character that can no
//     longer change the note's pitch or length.
// Tempos and time signatures are given when they are read. Before the first, 120 quarters per minute and 4/4 hold.
// Keys, pedals and pitch bends come with the score alone.
//
// Order. Onsets do not fall, except: notes that are released are given in order of their ends; mmm gives one track
// after the other, bar_tracks within each bar; drum_grid and per_tok move single notes by less than a step;
// chorale_grid gives notes as they end.
//
// Each note is given once. For tokens that encode() has produced, the notes given are those of the score, except that
// a note of drum_grid ends where its drum is struck again. Tokens that a model has composed may be legal and the
// encoding of no piece; what is changed by later tokens then differs in the score:
//   - a note whose pitch is struck again on its track ends there, or with the next shorter length that is a word; of
//     equal strikes at one time one is kept;
//   - a silence longer than the tokenisation encodes is shortened (arrival_time, abc_char);
//   - an onset off the grid moves to it (per_tok, structured, tracks of mmm whose meters are not the first track's).
class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;

  // Of the notes given and of the score.
  virtual std::int32_t ticks_per_quarter() const = 0;
  // Special tokens give nothing. Errors: invalid_tokens, naming the index (counted from the first token accepted) and
  // the word. After an error nothing else may be called.
  Result<DecodedStep> accept(TokenId token);
  // Ends the sequence. Errors: invalid_tokens (there were no notes, or the last one is incomplete), too_large (longer
  // than 1,000,000 quarter notes). Nothing else may be called afterwards.
  Result<DecodedPiece> finish();

 protected:
  // How many tokens have been accepted, special ones too; after an error, those before the token at fault.
  virtual std::size_t accepted() const = 0;
  // Appends to `events`, unless it is null, what `tokens` give.
  virtual Status read(std::span<const TokenId> tokens, DecodedEvents* events) = 0;
  virtual Result<score::Score> end(DecodedEvents* events) = 0;

 private:
  friend class Tokenizer;       // decodes whole pieces without collecting events
  friend class SubwordDecoder;  // reads the base words of each subword
  DecodedEvents events_;
};

}  // namespace continuo::tokens
