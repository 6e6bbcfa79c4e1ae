#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "continuo/tokens/token_grammar.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::tokens {

// The order of words in the vocabulary, and the limits that music is made to keep. Units: steps of 10 ms.
namespace performance_words {
inline constexpr int kStepsPerSecond = 100;
inline constexpr int kPitches = 128;
inline constexpr int kMaxShift = 100;
inline constexpr TokenId kNoteOn = kSpecialTokens;            // + pitch
inline constexpr TokenId kNoteOff = kNoteOn + kPitches;       // + pitch
inline constexpr TokenId kTimeShift = kNoteOff + kPitches;    // + steps - 1
inline constexpr TokenId kVelocity = kTimeShift + kMaxShift;  // + bin
inline constexpr TokenId kEnd = kVelocity + 32;
// A note may sound for 20 s, and nothing may sound for 60 s.
inline constexpr std::int64_t kMaxNoteSteps = 20 * kStepsPerSecond;
inline constexpr std::int64_t kMaxSilenceSteps = 60 * kStepsPerSecond;
// Of what TokenGrammar::limit_silence() asks. Range: 1 to kMaxSilenceSteps
constexpr std::int64_t silence_steps(double longest) {
  return std::int64_t(std::clamp(longest * kStepsPerSecond, 1.0, double(kMaxSilenceSteps)));
}
}  // namespace performance_words

// The performance tokenisation's grammar. At one time come NoteOffs by rising pitch, then NoteOns by rising pitch, with
// a Velocity before a NoteOn just where the bin changes. Time passes by the longest shifts possible. With that every
// legal sequence is the only encoding of its performance. A copy is 600 bytes.
class PerformanceGrammar final : public TokenGrammar {
 public:
  PerformanceGrammar() { reset(); }
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<PerformanceGrammar>(*this); }
  void reset() override;
  void legal_tokens(std::span<std::uint8_t> legal) const override;
  bool is_legal(TokenId token) const override;
  void accept(TokenId token) override;
  bool can_end() const override;
  int tokens_to_close() const override;
  int tokens_to_close_after(TokenId token) const override;
  void release_notes_struck_before(std::int64_t step) override;
  bool limit_notes(double longest) override;
  bool limit_silence(double longest) override;

 private:
  bool is_sounding(int pitch) const { return (sounding_[std::size_t(pitch) / 64] >> (pitch % 64)) & 1; }
  // -1 when every pitch sounds.
  int highest_silent() const;
  int lowest_sounding() const;
  bool note_off_is_legal(int pitch) const;
  bool note_on_is_legal(int pitch) const;
  bool velocities_are_legal() const;
  // The longest TimeShift that is legal, in steps; 0 when none is.
  int longest_shift() const;
  void note_on(int pitch);
  void note_off(int pitch);
  void shift(int steps);
  // Finds the notes that have to end next.
  void find_deadline();

  static constexpr int kNoPitch = 128;

  std::array<std::uint64_t, 2> sounding_;  // a bit per pitch
  std::int64_t longest_note_ = performance_words::kMaxNoteSteps;
  std::int64_t longest_silence_ = performance_words::kMaxSilenceSteps;
  std::array<std::int64_t, 128> onsets_, deadlines_;  // of sounding pitches
  std::int64_t now_;
  std::int64_t next_deadline_;  // of sounding pitches
  std::int64_t silent_since_;   // when nothing sounds
  int sounding_count_;
  int lowest_overdue_;  // the lowest pitch that has reached the longest duration and must end now, or kNoPitch
  int last_off_;        // pitch of the last NoteOff at this time, or -1
  int last_on_;
  int velocity_;           // -1 before the first
  bool velocity_pending_;  // the last token was a Velocity
  bool after_shift_;       // the last token was a TimeShift
  bool after_short_shift_;
  bool has_notes_;
};

}  // namespace continuo::tokens
