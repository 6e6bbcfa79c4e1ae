#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "continuo/base/token_id.h"

namespace continuo::tokens {

// Programs 0 to 127, then drums.
using Instruments = std::bitset<129>;

inline constexpr double kNoNoteLimit = std::numeric_limits<double>::infinity();
inline constexpr double kNoSilenceLimit = std::numeric_limits<double>::infinity();

// Which tokens may follow a prefix, for one tokenisation: an automaton that starts after BOS and is fed token by
// token. The same object drives constrained sampling, the validity metric and the tests, so that what may be composed
// is what decode() understands. A legal sequence has no stuck note, no note of no length and no word out of place.
// Not thread-safe; clone() is cheap and independent.
class TokenGrammar {
 public:
  virtual ~TokenGrammar() = default;
  virtual std::unique_ptr<TokenGrammar> clone() const = 0;

  // Back to the start of a piece.
  virtual void reset() = 0;
  // Writes 1 for each token that may come next and 0 for the others. EOS is legal exactly when can_end(); PAD, BOS and
  // MASK never are. At least one token is always legal until EOS has been accepted. Shape: legal [vocabulary size].
  virtual void legal_tokens(std::span<std::uint8_t> legal) const = 0;
  // Whether `token` may come next. O(1).
  virtual bool is_legal(TokenId token) const = 0;
  // Advances. Requires: is_legal(token).
  virtual void accept(TokenId token) = 0;
  // Advances if `token` may come next, and says whether it did: what checks whole sequences.
  virtual bool accept_if_legal(TokenId token);
  // Makes the notes that sound and began before `step` (MusicalPosition::step) end as soon as time passes: for a model
  // that no longer sees that they began. Does nothing in tokenisations without words that end notes, nor in midi_like.
  virtual void release_notes_struck_before(std::int64_t) {}
  // From the next note on none may last longer than `longest`, kNoNoteLimit for any; of what a note may last at all the
  // shortest always remains. Kept by reset(). False, and no change, where the tokenisation cannot limit its notes:
  // midi_like, note_chord, drum_grid, abc_char. Units: quarters, or seconds where the tokenisation is in clock time; of
  // octuple, whose notes name their meter last, quarters of the meter of the note before.
  virtual bool limit_notes(double) { return false; }
  // From here on, and until the last note, nothing sounds for at most `longest`, kNoSilenceLimit for as long as the
  // tokenisation can say; of silences the shortest always remains. Kept by reset(). False, and no change, where the
  // tokenisation cannot limit them: all but performance and timed_notes. Units: seconds.
  virtual bool limit_silence(double) { return false; }
  // From here on notes are of these instruments alone. Kept by reset(). False, and no change, where tokens do not name
  // instruments one by one: the tokenisations of one instrument, arrival_time, and the beat family without programs.
  // Requires: at least one; those of the notes that sound.
  virtual bool limit_instruments(const Instruments&) { return false; }
  // Whether the piece may end here: no unit is incomplete, no note is sounding.
  virtual bool can_end() const = 0;
  // The least number of tokens until can_end(), of subwords the least number of base words; 0 when can_end(). A sampler
  // with n tokens left keeps to tokens after which this is at most n - 1, so that it always ends in time.
  virtual int tokens_to_close() const = 0;
  // tokens_to_close() as it would be after `token`, without advancing. Requires: is_legal(token).
  virtual int tokens_to_close_after(TokenId token) const;
};

// Index of the first token that breaks the grammar (tokens.size() if the sequence stops half-way through a unit), or
// -1 when all of it is legal and can end. BOS in front and EOS at the end are allowed and not required.
std::ptrdiff_t first_violation(TokenGrammar& grammar, std::span<const TokenId> tokens);

}  // namespace continuo::tokens
