#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/live/beat_grid.h"
#include "continuo/live/composing.h"
#include "continuo/live/message.h"
#include "continuo/live/phrase.h"

namespace continuo::live {

struct JamOptions {
  // Of the first call, about; a call is followed. Its program is what is composed from. Range: 20 to 400 quarters per
  // minute
  PhraseNotation notation;
  // A call has ended when no key is down for so long. Units: quarters. Range: 0.5 to 16
  double pause = 1;
  int call_bars = 0;    // instead, after so many bars. 0: by the pause
  int answer_bars = 0;  // 0: as many as the call
  // An answer is fixed so far ahead, and what comes later is dropped when the player plays. Units: quarters
  double committed = 2;
  int remembered_bars = 16;  // that an answer is composed from
  int channel = 0;           // of the answers. Range: 0 to 15
};

// A call that has ended, an answer that begins, or one that the player has broken off.
struct Turn {
  enum class Kind { kCall, kAnswer, kInterruption };
  Kind kind{};
  // Where it begins, or is broken off, on the beat; a call with its first note. Answers count from where calls do, but
  // silence may be longer than the positions on both sides of it say.
  Time at{};
  double position = 0;    // Units: quarters
  Time quarter{};         // that the call has come to
  std::size_t notes = 0;  // of a call
  double quarters = 0;    // of a call or an answer, in whole bars; of a broken one, what has been played of it
};

struct JamCounts {
  std::size_t calls = 0, answers = 0, interruptions = 0;
  std::size_t bars = 0, late_bars = 0;  // of answers; those that were not composed in time, and came a bar later
  std::size_t failures = 0;             // bars that could not be composed
};

// Call and response in time. It listens while somebody plays, and when that has ended answers from the next bar line,
// in the tempo that the call has come to, with bars that somebody composes; then it listens again.
//
// It holds no clock, no thread and no port: it is given what is heard and the time, and gives what is to be played, so
// that every minute of playing can be tested in an instant. While a call pauses, its answer is already being composed;
// if the call proceeds, that answer is dropped. Of an answer, the next `committed` quarters are given away, each note
// with its end, and cannot be taken back; the rest is a draft, which ends when the player begins to play.
class Jam {
 public:
  // `composing` outlives it.
  Jam(const JamOptions& options, Composing& composing) : options_(options), composing_(composing) {}

  // In order of time, together with those of advance(). Drums (channel 10) are no call.
  void hear(const TimedMessage& heard);
  // What is to be played that has not been given before, in order of time, when it is `now`. To be called several times
  // a beat.
  std::vector<TimedMessage> advance(Time now);
  // Since the last call.
  std::vector<Turn> take_turns();
  const JamCounts& counts() const { return counts_; }
  // Why the last bar that could not be composed was not.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  enum class State { kListening, kCall, kAnswer };

  Time length(double quarters) const { return from_seconds(quarters * to_seconds(grid_.quarter)); }
  double bar_line_after(double position) const;
  bool belongs_to_call(Time at) const;
  void begin_call(Time at);
  void advance_call(Time now);
  bool has_call_ended(Time now) const;
  void prepare_answer(Time now);
  void begin_answer(Time now);
  void ask();
  void advance_answer(Time now);
  void take_bar(const score::Score& piece, Time now);
  void finish_answer(Time now);
  void interrupt(Time at);
  void remember(const std::vector<PhraseNote>& notes);
  std::vector<TimedMessage> commit(Time now);

  JamOptions options_;
  Composing& composing_;
  JamCounts counts_;
  std::vector<Turn> turns_;
  std::optional<Error> failure_;
  State state_ = State::kListening;
  std::optional<BeatGrid> known_grid_;  // of the last answer
  BeatGrid expected_;                   // of the call, before it was followed
  BeatGrid grid_;                       // of the call as it sounds, or of its answer
  std::vector<PhraseNote> memory_;      // without the call that sounds
  HeardPhrase call_;
  std::vector<PhraseNote> call_notes_;
  double call_begin_ = 0;    // a bar line
  double answer_begin_ = 0;  // a bar line
  bool is_prepared_ = false;
  score::Score question_;
  int bars_to_come_ = 0;  // of the answer
  double bar_begin_ = 0;  // of the bar that is being composed
  std::vector<PhraseNote> draft_;
  Time answer_end_{};  // of what has been given away
};

}  // namespace continuo::live
