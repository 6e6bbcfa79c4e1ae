#include "continuo/live/jam.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace continuo::live {
namespace {

// A bar that comes later than this before its bar line is put off: its messages have to reach the player's thread.
constexpr Time kNotice = std::chrono::milliseconds(5);
// A call ends so long before its answer can begin, for the answer to be given away.
constexpr Time kHandover = std::chrono::milliseconds(30);
// How long a key may be down (quarters, and two bars at least) before it is taken to be stuck, and how long an answer
// may be over (bars) before the beat is taken to be lost.
constexpr double kStuck = 8, kForgottenBars = 1.1;
constexpr double kSlowest = 20, kFastest = 400;  // quarters per minute, however calls speed up
// What of a call of fixed length is still played after its end belongs to it, and how long before its end the answer is
// first asked for. Units: quarters
constexpr double kTail = 0.5, kLead = 1;
constexpr double kUpbeat = 1;          // what is played before the first bar line of a call, at most. Units: quarters
constexpr double kLongestAnswer = 16;  // bars, where the call decides

}  // namespace

double Jam::bar_line_after(double position) const {
  const double bar = options_.notation.bar();
  return std::ceil(position / bar - 1e-6) * bar;
}

void Jam::hear(const TimedMessage& heard) {
  const Message& message = heard.message;
  if (message.is_for_drums()) return;
  const int pitch = message.bytes[1];
  if (message.ends_note()) return call_.release(heard.at, pitch);
  if (!message.starts_note()) return;
  if (state_ == State::kAnswer && !belongs_to_call(heard.at)) interrupt(heard.at);
  if (state_ == State::kListening) begin_call(heard.at);
  call_.press(heard.at, pitch, message.bytes[2]);
  if (options_.call_bars == 0) is_prepared_ = false;
}

// A player of a call of fixed length may end it a little late.
bool Jam::belongs_to_call(Time at) const { return options_.call_bars > 0 && at < grid_.time(answer_begin_ + kTail); }

// On the beat of what was played before, unless that is long over: then the first note is on a bar line.
void Jam::begin_call(Time at) {
  const double bar = options_.notation.bar();
  if (known_grid_ && at < answer_end_ + from_seconds(kForgottenBars * bar * to_seconds(known_grid_->quarter))) {
    grid_ = *known_grid_;
  } else {
    const double end = memory_.empty() ? 0 : memory_.back().end();
    const Time quarter = known_grid_ ? known_grid_->quarter : from_seconds(60 / options_.notation.quarters_per_minute);
    grid_ = BeatGrid::through(at, bar_line_after(end), quarter);
  }
  const double usual = grid_.quarters_per_minute();
  if (usual < kSlowest || usual > kFastest)
    grid_ = BeatGrid::through(at, grid_.position(at), from_seconds(60 / std::clamp(usual, kSlowest, kFastest)));
  expected_ = grid_;
  const double sixteenth = std::round(grid_.position(at) * 4) / 4;
  call_begin_ = std::floor((sixteenth + kUpbeat) / bar) * bar;
  call_ = {};
  call_notes_.clear();
  is_prepared_ = false;
  state_ = State::kCall;
}

std::vector<TimedMessage> Jam::advance(Time now) {
  if (state_ == State::kCall) advance_call(now);
  if (state_ == State::kAnswer) advance_answer(now);
  return commit(now);
}

void Jam::advance_call(Time now) {
  if (call_.is_key_down() && now - call_.last_event() > length(std::max(kStuck, 2 * options_.notation.bar())))
    call_.release_all(call_.last_event() + length(1));
  if (!is_prepared_) prepare_answer(now);
  if (is_prepared_ && has_call_ended(now)) begin_answer(now);
}

bool Jam::has_call_ended(Time now) const {
  if (options_.call_bars > 0) return now >= grid_.time(answer_begin_) - kHandover;
  return !call_.is_key_down() && now - call_.last_event() >= length(options_.pause) - kHandover;
}

// As soon as the call may have ended: its beat is followed, and the first bar of an answer is asked for.
void Jam::prepare_answer(Time now) {
  if (options_.call_bars > 0) {
    answer_begin_ = call_begin_ + options_.call_bars * options_.notation.bar();
    if (now < grid_.time(answer_begin_ - kLead)) return;
  } else if (call_.is_key_down() || now - call_.last_event() < length(options_.pause / 2)) {
    return;
  }
  auto [notes, grid] = call_.follow(expected_, now);
  call_notes_ = std::move(notes);
  const Time end = call_.last_event() + from_seconds(options_.pause * to_seconds(grid.quarter));
  if (options_.call_bars == 0) answer_begin_ = bar_line_after(grid.position(std::max(end, now)));
  grid_ = grid;
  bar_begin_ = answer_begin_;
  is_prepared_ = true;
  ask();
}

void Jam::ask() {
  const double bar = options_.notation.bar();
  PhraseNotation notation = options_.notation;
  notation.quarters_per_minute = grid_.quarters_per_minute();
  std::vector<PhraseNote> notes = memory_;
  if (state_ == State::kCall) notes.insert(notes.end(), call_notes_.begin(), call_notes_.end());
  double last = 0;
  for (const PhraseNote& note : notes) last = std::max(last, note.onset);
  const double begin = std::max(0.0, (std::floor(last / bar) + 1 - options_.remembered_bars) * bar);
  question_ = written(notes, begin, bar_begin_, notation);
  composing_.ask(question_);
}

void Jam::begin_answer(Time now) {
  if (options_.call_bars > 0) call_notes_ = call_.follow(expected_, now).notes;
  remember(call_notes_);
  const double bar = options_.notation.bar();
  double last = call_begin_;
  for (const PhraseNote& note : call_notes_) last = std::max(last, note.onset);
  const double bars = std::floor((last - call_begin_) / bar + 1e-6) + 1;
  bars_to_come_ = options_.answer_bars > 0 ? options_.answer_bars : static_cast<int>(std::min(bars, kLongestAnswer));
  state_ = State::kAnswer;
  ++counts_.calls;
  turns_.push_back(
      {Turn::Kind::kCall, call_.begin(), call_notes_.front().onset, grid_.quarter, call_.size(), bars * bar});
  turns_.push_back(
      {Turn::Kind::kAnswer, grid_.time(answer_begin_), answer_begin_, grid_.quarter, 0, bars_to_come_ * bar});
  known_grid_ = grid_;
  answer_end_ = grid_.time(answer_begin_);
}

void Jam::advance_answer(Time now) {
  if (bars_to_come_ == 0) return finish_answer(now);
  auto composed = composing_.answer();
  if (!composed) return;
  if (composed->ok()) return take_bar(**composed, now);
  ++counts_.failures;
  failure_ = composed->error();
  bars_to_come_ = 0;
}

void Jam::take_bar(const score::Score& piece, Time now) {
  const double bar = options_.notation.bar();
  for (; grid_.time(bar_begin_) < now + kNotice; bar_begin_ += bar) ++counts_.late_bars;
  std::vector<PhraseNote> notes = bar_after(question_, piece, bar_begin_);
  const double end = bar_begin_ + bars_to_come_ * bar;
  for (PhraseNote& note : notes) note.length = std::min(note.length, end - note.onset);
  draft_.insert(draft_.end(), notes.begin(), notes.end());
  remember(notes);
  bar_begin_ += bar;
  --bars_to_come_;
  ++counts_.bars;
  answer_end_ = grid_.time(bar_begin_);
  if (bars_to_come_ > 0) ask();
}

void Jam::finish_answer(Time now) {
  if (now < answer_end_) return;
  ++counts_.answers;
  state_ = State::kListening;
}

// What has been given away sounds on; the rest was never played, and is forgotten. An upbeat at the end of an answer
// breaks nothing off.
void Jam::interrupt(Time at) {
  if (bars_to_come_ == 0 && draft_.empty() && at >= grid_.time(bar_begin_ - kUpbeat)) {
    ++counts_.answers;
    state_ = State::kListening;
    return;
  }
  for (const PhraseNote& note : draft_) std::erase(memory_, note);
  draft_.clear();
  bars_to_come_ = 0;
  ++counts_.interruptions;
  const double position = grid_.position(at);
  turns_.push_back(
      {Turn::Kind::kInterruption, at, position, grid_.quarter, 0, std::max(0.0, position - answer_begin_)});
  state_ = State::kListening;
}

void Jam::remember(const std::vector<PhraseNote>& notes) {
  memory_.insert(memory_.end(), notes.begin(), notes.end());
  if (memory_.empty()) return;
  const double begin = memory_.back().onset - (options_.remembered_bars + 1) * options_.notation.bar();
  std::erase_if(memory_, [begin](const PhraseNote& note) { return note.onset < begin; });
}

std::vector<TimedMessage> Jam::commit(Time now) {
  std::vector<TimedMessage> messages;
  const double limit = draft_.empty() ? 0 : grid_.position(now) + options_.committed;
  std::erase_if(draft_, [&](const PhraseNote& note) {
    if (note.onset > limit) return false;
    const Time on = grid_.time(note.onset);
    messages.push_back({on, Message::note_on(options_.channel, note.pitch, note.velocity)});
    messages.push_back(
        {std::max(grid_.time(note.end()), on + kNotice), Message::note_off(options_.channel, note.pitch)});
    return true;
  });
  std::ranges::stable_sort(messages, {}, &TimedMessage::at);
  return messages;
}

std::vector<Turn> Jam::take_turns() { return std::exchange(turns_, {}); }

}  // namespace continuo::live
