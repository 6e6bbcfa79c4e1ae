#include "score_player.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace continuo::generate {
namespace {

constexpr std::int64_t kLongestTail = 20;  // steps that a note may sound longer than it is written

}  // namespace

ScorePlayer::ScorePlayer(std::vector<PlayedNote> notes, std::int64_t most_shift, const tokens::EventWords& words)
    : notes_(std::move(notes)), words_(words) {
  std::ranges::sort(notes_, [](const PlayedNote& a, const PlayedNote& b) {
    return a.onset != b.onset ? a.onset < b.onset : a.pitch < b.pitch;
  });
  again_.assign(notes_.size(), kNone);
  std::array<std::size_t, kKeys> next_of_key;
  next_of_key.fill(kNone);
  for (std::size_t i = notes_.size(); i-- > 0;) again_[i] = std::exchange(next_of_key[std::size_t(notes_[i].pitch)], i);
  find_groups(most_shift);
  begin_group();
}

void ScorePlayer::find_groups(std::int64_t most_shift) {
  for (std::size_t i = 0; i < notes_.size(); ++i) {
    if (i == 0 || notes_[i].onset != notes_[i - 1].onset) groups_.push_back({i, i, notes_[i].onset, notes_[i].onset});
    groups_.back().end = i + 1;
    group_of_.push_back(groups_.size() - 1);
  }
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const std::int64_t onset = notes_[groups_[g].begin].onset;
    std::int64_t shift = most_shift;
    if (g > 0) shift = std::min(shift, (onset - notes_[groups_[g - 1].begin].onset) / 3);
    if (g + 1 < groups_.size()) shift = std::min(shift, (notes_[groups_[g + 1].begin].onset - onset) / 3);
    groups_[g].first = onset - shift;
    groups_[g].last = onset + shift;
  }
}

void ScorePlayer::begin_group() {
  if (next_ < groups_.size()) left_ = groups_[next_].end - groups_[next_].begin;
}

std::size_t ScorePlayer::note_of(int key) const {
  if (next_ == groups_.size()) return kNone;
  const Group& group = groups_[next_];
  for (std::size_t i = group.begin; i < group.end; ++i)
    if (notes_[i].pitch == key) return notes_[i].struck < 0 ? i : kNone;
  return kNone;
}

int ScorePlayer::lowest_due() const {
  const auto is_due = [this](const Key& key) { return key.note != kNone && key.last <= now_; };
  return int(std::ranges::find_if(keys_, is_due) - keys_.begin());
}

// Requires: no key is due.
bool ScorePlayer::may_go_down(int key) const {
  const std::size_t note = note_of(key);
  if (note == kNone || key <= highest_struck_ || is_down(key)) return false;
  const Group& group = groups_[next_];
  if (now_ < group.first) return false;
  const auto is_waiting = [](const PlayedNote& each) { return each.struck < 0; };
  return now_ < group.last ||
         std::none_of(notes_.begin() + std::ptrdiff_t(group.begin), notes_.begin() + std::ptrdiff_t(note), is_waiting);
}

ScorePlayer::Span ScorePlayer::next_event() const {
  constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  Span span = {kNever, kNever};
  if (next_ < groups_.size()) span = {groups_[next_].first, groups_[next_].last};
  for (const Key& key : keys_)
    if (key.note != kNone) span = {std::min(span.first, key.first), std::min(span.last, key.last)};
  return span;
}

void ScorePlayer::limit(std::span<std::uint8_t> legal) const {
  const std::vector<std::uint8_t> grammar(legal.begin(), legal.end());
  std::ranges::fill(legal, std::uint8_t{0});
  bool is_free = false;
  const auto leave = [&](TokenId token) {
    legal[std::size_t(token)] = grammar[std::size_t(token)];
    is_free |= grammar[std::size_t(token)] != 0;
  };
  bool any_down = false;
  const int due = lowest_due();
  for (int key = 0; key < kKeys; ++key) {
    const Key& state = keys_[std::size_t(key)];
    if (state.note != kNone && now_ >= state.first && key <= due) leave(words_.key_up + key);
    if (due < kKeys || !may_go_down(key)) continue;
    any_down = true;
    leave(words_.key_down + key);
  }
  for (int bin = 0; any_down && bin < int(words_.velocities.size()); ++bin) leave(words_.loudness + bin);
  const Span event = next_event();
  for (int steps = 1; steps <= words_.longest_wait && now_ + steps <= event.last; ++steps)
    if (steps == words_.longest_wait || now_ + steps >= event.first) leave(words_.wait + steps - 1);
  if (is_free) return;
  // The grammar has notes end that began before what the model still sees.
  for (int key = 0; key < kKeys; ++key) leave(words_.key_up + key);
  if (!is_free) leave(words_.wait);
}

void ScorePlayer::strike(std::size_t index) {
  PlayedNote& note = notes_[index];
  note.struck = now_;
  note.velocity = velocity_;
  const std::int64_t length = note.end - note.onset;
  Key& key = keys_[std::size_t(note.pitch)];
  key.note = index;
  key.last = std::min(note.end + std::min(length / 4, kLongestTail), now_ + words_.longest_note);
  if (const std::size_t again = again_[index]; again != kNone)
    key.last = std::min(key.last, groups_[group_of_[again]].first);
  key.last = std::max(key.last, now_ + 1);
  key.first = std::clamp(note.onset + (length * 6 + 9) / 10, now_ + 1, key.last);
  ++sounding_;
  ++struck_;
  highest_struck_ = note.pitch;
  if (--left_ > 0) return;
  ++next_;
  begin_group();
}

void ScorePlayer::accept(TokenId token) {
  const auto within = [token](TokenId first, int count) { return token >= first && token < first + count; };
  if (within(words_.key_down, kKeys)) {
    strike(note_of(token - words_.key_down));
  } else if (within(words_.key_up, kKeys)) {
    Key& key = keys_[std::size_t(token - words_.key_up)];
    notes_[std::exchange(key.note, kNone)].released = now_;
    --sounding_;
  } else if (within(words_.wait, words_.longest_wait)) {
    now_ += token - words_.wait + 1;
    highest_struck_ = -1;
  } else if (within(words_.loudness, int(words_.velocities.size()))) {
    velocity_ = words_.velocities[std::size_t(token - words_.loudness)];
  }
}

}  // namespace continuo::generate
