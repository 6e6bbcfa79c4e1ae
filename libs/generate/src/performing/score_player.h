#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "continuo/tokens/event_words.h"

namespace continuo::generate {

// A key that a score has played. Units: steps of the words.
struct PlayedNote {
  int pitch = 60;                   // Range: MIDI keys
  std::int64_t onset = 0, end = 0;  // as written
  // As played, once it has been.
  std::int64_t struck = -1, released = -1;
  std::uint8_t velocity = 0;
};

// Decides which events may come next while a score is played: all of its notes are struck in its order, each at most
// `most_shift` early or late, and nothing else is. How long a note sounds is free within limits: from six tenths of its
// length to a quarter more.
//
// There is always a way on. Notes that are written at one time are a group, and a group's window reaches at most a
// third of the way to its neighbours, so that windows are apart. A key that is struck again has to be up when the
// window of its next note begins, which is later than it was struck. At a deadline what is due comes first: ends by
// rising pitch, then, where a group's window closes, its notes by rising pitch, which is the order that the grammar
// asks for. A wait ends where something may happen, since the grammar does not allow two short ones in a row.
class ScorePlayer {
 public:
  // Requires: no two notes of one pitch and one onset; end > onset; the first onset is at least `most_shift`; no
  // silence longer than the words allow. most_shift >= 0.
  ScorePlayer(std::vector<PlayedNote> notes, std::int64_t most_shift, const tokens::EventWords& words);

  // All notes have been struck and have ended.
  bool is_finished() const { return next_ == groups_.size() && sounding_ == 0; }
  // Leaves of `legal`, what the grammar allows, what the score allows too. Requires: not finished.
  void limit(std::span<std::uint8_t> legal) const;
  // Requires: limit() has left `token`.
  void accept(TokenId token);

  std::span<const PlayedNote> notes() const { return notes_; }  // by onset, then pitch
  std::size_t struck() const { return struck_; }

 private:
  static constexpr int kKeys = 128;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  struct Group {
    std::size_t begin, end;    // among the notes
    std::int64_t first, last;  // when they may be struck
  };
  // A key that is down.
  struct Key {
    std::size_t note = kNone;
    std::int64_t first = 0, last = 0;  // when it may go up
  };

  void find_groups(std::int64_t most_shift);
  // Once the notes before it have been struck.
  void begin_group();
  bool is_down(int key) const { return keys_[static_cast<std::size_t>(key)].note != kNone; }
  // The note of the present group that this key plays and that has not been struck; kNone: there is none.
  std::size_t note_of(int key) const;
  // Of the keys that have to go up now the lowest; kKeys: there is none.
  int lowest_due() const;
  bool may_go_down(int key) const;
  // The first time at which something may happen, and the one beyond which time must not pass.
  struct Span {
    std::int64_t first, last;
  };
  Span next_event() const;
  void strike(std::size_t note);

  std::vector<PlayedNote> notes_;      // by onset, then pitch
  std::vector<std::size_t> again_;     // the next note of the same pitch, or kNone
  std::vector<std::size_t> group_of_;  // of each note
  std::vector<Group> groups_;
  const tokens::EventWords words_;
  std::array<Key, kKeys> keys_{};
  std::size_t next_ = 0;  // the first group that has notes to be struck
  std::size_t left_ = 0;  // of it
  std::size_t struck_ = 0;
  int sounding_ = 0;
  std::int64_t now_ = 0;
  int highest_struck_ = -1;  // at this time
  std::uint8_t velocity_ = 0;
};

}  // namespace continuo::generate
