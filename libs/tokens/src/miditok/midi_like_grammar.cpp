#include "midi_like_grammar.h"

#include <algorithm>
#include <utility>

namespace continuo::tokens {
namespace {

constexpr std::uint8_t kMostAtOnce = 255;

bool is_end(WordKind kind) { return kind == WordKind::kPitchEnd || kind == WordKind::kDrumPitchEnd; }
bool is_strike(WordKind kind) { return kind == WordKind::kPitch || kind == WordKind::kDrumPitch; }
bool is_drums(WordKind kind) { return kind == WordKind::kDrumPitch || kind == WordKind::kDrumPitchEnd; }

}  // namespace

void MidiLikeGrammar::reset() {
  BeatGrammar::reset();
  places_.fill(kNowhere);
  sounding_.clear();
  struck_now_.clear();
  sounding_notes_ = struck_notes_ = 0;
}

const MidiLikeGrammar::Sounding* MidiLikeGrammar::sounding(int program) const {
  const std::uint8_t place = places_[std::size_t(program)];
  return place == kNowhere ? nullptr : &sounding_[place];
}

MidiLikeGrammar::Sounding& MidiLikeGrammar::make_sounding(int program) {
  std::uint8_t& place = places_[std::size_t(program)];
  if (place == kNowhere) {
    place = std::uint8_t(sounding_.size());
    sounding_.emplace_back();
  }
  return sounding_[place];
}

// The one that has been named; without Program words drums are known by their words.
int MidiLikeGrammar::program_of(WordKind kind) const {
  if (state().program >= 0) return state().program;
  return is_drums(kind) ? kDrumVoice : 0;
}

bool MidiLikeGrammar::picks(WordKind kind) const {
  return is_strike(kind) || is_end(kind) || kind == WordKind::kProgram || BeatGrammar::picks(kind);
}

bool MidiLikeGrammar::is_picked(WordKind kind, int value) const {
  if (kind == WordKind::kProgram) return program_can_go_on(value);
  if (!is_strike(kind) && !is_end(kind)) return BeatGrammar::is_picked(kind, value);
  const int program = program_of(kind);
  if (is_drums(kind) != (program == kDrumVoice)) return false;
  const Sounding* notes = sounding(program);
  if (notes == nullptr) return is_strike(kind);
  if (is_end(kind)) return notes->can_end(value) > 0;
  const bool cut = words().options().overlaps == NoteOverlaps::kCut;
  return notes->notes[std::size_t(value)] < (cut ? 1 : kMostAtOnce);
}

// Whether a note of a program can end or be struck now.
bool MidiLikeGrammar::program_can_go_on(int program) const {
  const Sounding* notes = sounding(program);
  if (notes == nullptr || notes->endable > 0 || words().options().overlaps != NoteOverlaps::kCut) return true;
  const int count = words().count(program == kDrumVoice ? WordKind::kDrumPitch : WordKind::kPitch);
  if (notes->pitches < count && program != state().last_program) return true;
  const int from = program == state().last_program ? state().last_pitch + 1 : 0;
  return std::any_of(notes->notes.begin() + from, notes->notes.begin() + count,
                     [](auto count_of) { return count_of == 0; });
}

void MidiLikeGrammar::let_time_pass() {
  for (const auto& [place, pitch] : struck_now_) {
    Sounding& notes = sounding_[place];
    notes.endable += std::exchange(notes.struck[pitch], std::uint8_t{0});
  }
  struck_now_.clear();
  struck_notes_ = 0;
}

void MidiLikeGrammar::strike(int program, int pitch) {
  Sounding& notes = make_sounding(program);
  notes.pitches += notes.notes[std::size_t(pitch)]++ == 0;
  ++notes.struck[std::size_t(pitch)];
  struck_now_.emplace_back(places_[std::size_t(program)], std::uint8_t(pitch));
  ++sounding_notes_;
  ++struck_notes_;
}

void MidiLikeGrammar::end(int program, int pitch) {
  Sounding& notes = make_sounding(program);
  notes.pitches -= --notes.notes[std::size_t(pitch)] == 0;
  --notes.endable;
  --sounding_notes_;
}

void MidiLikeGrammar::accept(TokenId token) {
  const Word word = words().word(token);
  const std::int64_t before = state().clock.now();
  BeatGrammar::accept(token);
  if (state().clock.now() != before && struck_notes_ > 0) let_time_pass();
  if (is_strike(word.kind)) strike(program_of(word.kind), word.value);
  if (is_end(word.kind)) end(program_of(word.kind), word.value);
}

int MidiLikeGrammar::distance(const State& state, int sounding_notes, bool any_struck) const {
  const WordGraph::Node& node = graph().node(state.node);
  const int each = names_programs() ? 2 : 1;  // words to end a note
  if (!state.has_notes) return node.to_end[0] + 1 + each + int(state.pedals.count());
  const int ends = each * sounding_notes + int(state.pedals.count());
  const int others = node.to_end[1] < node.to_end[0] ? node.to_end[1] : node.to_end[0] + 1 + each;
  if (is_strike(node.kind) && words().has(WordKind::kVelocity)) return node.to_end[1] + ends + 1;
  if (node.kind == WordKind::kProgram) {
    const Sounding* notes = sounding(state.program);
    if (notes != nullptr && notes->endable > 0) return ends - 1 + int(any_struck);
    return node.to_end[1] < node.to_end[0] ? others + ends + int(any_struck) : others + ends;
  }
  return ends > 0 ? ends + int(any_struck) : others;
}

int MidiLikeGrammar::tokens_to_close() const { return distance(state(), sounding_notes_, struck_notes_ > 0); }

int MidiLikeGrammar::tokens_to_close_after(TokenId token) const {
  const Word word = words().word(token);
  const State next = after(token);
  const bool time_passes = next.clock.now() != state().clock.now();
  return distance(next, sounding_notes_ + int(is_strike(word.kind)) - int(is_end(word.kind)),
                  is_strike(word.kind) || (struck_notes_ > 0 && !time_passes));
}

}  // namespace continuo::tokens
