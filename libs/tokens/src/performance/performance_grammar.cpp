#include "performance_grammar.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace continuo::tokens {

using namespace performance_words;

void PerformanceGrammar::reset() {
  sounding_ = {0, 0};
  onsets_.fill(0);
  deadlines_.fill(0);
  now_ = 0;
  next_deadline_ = std::numeric_limits<std::int64_t>::max();
  silent_since_ = 0;
  sounding_count_ = 0;
  lowest_overdue_ = kNoPitch;
  last_off_ = -1;
  last_on_ = -1;
  velocity_ = -1;
  velocity_pending_ = false;
  after_shift_ = false;
  after_short_shift_ = false;
  has_notes_ = false;
}

int PerformanceGrammar::highest_silent() const {
  if (~sounding_[1] != 0) return 127 - std::countl_zero(~sounding_[1]);
  return 63 - std::countl_zero(~sounding_[0]);
}

int PerformanceGrammar::lowest_sounding() const {
  if (sounding_[0] != 0) return std::countr_zero(sounding_[0]);
  return 64 + std::countr_zero(sounding_[1]);
}

bool PerformanceGrammar::note_off_is_legal(int pitch) const {
  // Every sounding note began earlier, as long as no NoteOn has come at this time.
  return !velocity_pending_ && last_on_ < 0 && is_sounding(pitch) && pitch > last_off_ && pitch <= lowest_overdue_;
}

bool PerformanceGrammar::note_on_is_legal(int pitch) const {
  return velocity_ >= 0 && lowest_overdue_ == kNoPitch && !is_sounding(pitch) && pitch > last_on_;
}

bool PerformanceGrammar::velocities_are_legal() const {
  return !velocity_pending_ && lowest_overdue_ == kNoPitch && highest_silent() > last_on_;
}

int PerformanceGrammar::longest_shift() const {
  if (velocity_pending_ || after_short_shift_ || lowest_overdue_ != kNoPitch) return 0;
  const std::int64_t left = sounding_count_ > 0 ? next_deadline_ - now_ : silent_since_ + longest_silence_ - now_;
  return int(std::clamp<std::int64_t>(left, 0, kMaxShift));
}

bool PerformanceGrammar::is_legal(TokenId token) const {
  if (token == kEos) return can_end();
  if (token < kNoteOn || token >= kEnd) return false;
  if (token < kNoteOff) return note_on_is_legal(token - kNoteOn);
  if (token < kTimeShift) return note_off_is_legal(token - kNoteOff);
  if (token < kVelocity) return token - kTimeShift + 1 <= longest_shift();
  return token - kVelocity != velocity_ && velocities_are_legal();
}

void PerformanceGrammar::legal_tokens(std::span<std::uint8_t> legal) const {
  std::fill(legal.begin(), legal.end(), std::uint8_t{0});
  legal[kEos] = can_end();
  for (int pitch = 0; pitch < kPitches; ++pitch) {
    legal[std::size_t(kNoteOn + pitch)] = note_on_is_legal(pitch);
    legal[std::size_t(kNoteOff + pitch)] = note_off_is_legal(pitch);
  }
  std::fill_n(legal.begin() + kTimeShift, longest_shift(), std::uint8_t{1});
  if (!velocities_are_legal()) return;
  std::fill(legal.begin() + kVelocity, legal.begin() + kEnd, std::uint8_t{1});
  if (velocity_ >= 0) legal[std::size_t(kVelocity + velocity_)] = 0;
}

void PerformanceGrammar::accept(TokenId token) {
  if (token < kNoteOn) return;
  if (token < kNoteOff) return note_on(token - kNoteOn);
  if (token < kTimeShift) return note_off(token - kNoteOff);
  if (token < kVelocity) return shift(token - kTimeShift + 1);
  velocity_ = token - kVelocity;
  velocity_pending_ = true;
  after_shift_ = after_short_shift_ = false;
}

void PerformanceGrammar::note_on(int pitch) {
  sounding_[std::size_t(pitch) / 64] |= std::uint64_t{1} << (pitch % 64);
  onsets_[std::size_t(pitch)] = now_;
  deadlines_[std::size_t(pitch)] = now_ + longest_note_;
  next_deadline_ = std::min(next_deadline_, now_ + longest_note_);
  ++sounding_count_;
  last_on_ = pitch;
  velocity_pending_ = after_shift_ = after_short_shift_ = false;
  has_notes_ = true;
}

void PerformanceGrammar::note_off(int pitch) {
  sounding_[std::size_t(pitch) / 64] &= ~(std::uint64_t{1} << (pitch % 64));
  --sounding_count_;
  last_off_ = pitch;
  after_shift_ = after_short_shift_ = false;
  if (sounding_count_ == 0) silent_since_ = now_;
  if (deadlines_[std::size_t(pitch)] == next_deadline_) find_deadline();
}

void PerformanceGrammar::shift(int steps) {
  now_ += steps;
  last_off_ = last_on_ = -1;
  after_shift_ = true;
  after_short_shift_ = steps < kMaxShift;
  if (now_ >= next_deadline_) find_deadline();
}

void PerformanceGrammar::find_deadline() {
  next_deadline_ = std::numeric_limits<std::int64_t>::max();
  lowest_overdue_ = kNoPitch;
  for (int pitch = kPitches - 1; pitch >= 0; --pitch) {
    if (!is_sounding(pitch)) continue;
    next_deadline_ = std::min(next_deadline_, deadlines_[std::size_t(pitch)]);
    if (deadlines_[std::size_t(pitch)] <= now_) lowest_overdue_ = pitch;
  }
}

// One more step makes them overdue. That step can always be taken: now, if no note has been struck at this time, their
// ends may come at once; else after it.
void PerformanceGrammar::release_notes_struck_before(std::int64_t step) {
  for (int pitch = 0; pitch < kPitches; ++pitch) {
    std::int64_t& deadline = deadlines_[std::size_t(pitch)];
    if (is_sounding(pitch) && onsets_[std::size_t(pitch)] < step) deadline = std::min(deadline, now_ + 1);
  }
  find_deadline();
}

bool PerformanceGrammar::limit_notes(double longest) {
  longest_note_ = std::int64_t(std::clamp<double>(longest * kStepsPerSecond, 1, double(kMaxNoteSteps)));
  return true;
}

bool PerformanceGrammar::limit_silence(double longest) {
  longest_silence_ = silence_steps(longest);
  return true;
}

bool PerformanceGrammar::can_end() const {
  return has_notes_ && sounding_count_ == 0 && !velocity_pending_ && !after_shift_;
}

int PerformanceGrammar::tokens_to_close() const {
  if (can_end()) return 0;
  // A NoteOn, a TimeShift and the NoteOffs of all.
  if (velocity_pending_) return sounding_count_ + 3;
  if (sounding_count_ == 0) return velocity_ < 0 ? 4 : 3;
  const bool needs_shift = last_on_ >= 0 || lowest_sounding() < last_off_;
  return sounding_count_ + int(needs_shift);
}

int PerformanceGrammar::tokens_to_close_after(TokenId token) const {
  PerformanceGrammar next(*this);
  next.accept(token);
  return next.tokens_to_close();
}

}  // namespace continuo::tokens
