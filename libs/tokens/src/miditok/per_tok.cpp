#include <algorithm>
#include <utility>

#include "../beat/beat_encoder.h"
#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "members.h"

namespace continuo::tokens {
namespace {

// Goes along a piece's events and finds what words lead from one to the next: bars, a shift from the place reached to
// the nearest grid place, and by how much the event misses that. Where overlaps are cut, the deviations are such that
// the sums, taken as a piece, lead to the same words.
class PerTokWalk {
 public:
  struct Step {
    std::int64_t bars = 0;
    int shift = -1;      // a TimeShift's value; -1: none
    int deviation = 0;   // a MicroTiming's value
    std::int64_t place;  // on the grid
    std::int64_t time;   // place and deviation
  };

  explicit PerTokWalk(const BeatWords& words)
      : words_(words), meter_(&words.meter(words.default_meter())), half_step_(meter_->lengths->shortest() / 2) {}

  void take_meter(int meter, std::int64_t time) {
    meter_ = &words_.meter(meter);
    bar_onset_ = place_ = time;
  }
  // `shifts`: whether the grid place nearest to the event is written.
  Step walk(std::int64_t time, bool shifts) {
    Step step;
    for (; time > bar_end() - half_step_; ++step.bars) place_ = bar_onset_ = bar_end();
    const std::int64_t wait = time - place_;
    if (shifts && wait >= half_step_) step.shift = nearest_shift(wait);
    const std::int64_t from = place_;
    if (step.shift >= 0) place_ += meter_->lengths->ticks(step.shift);
    step.place = place_;
    step.deviation = words_.nearest_deviation(time - place_);
    const bool exact = words_.options().overlaps == NoteOverlaps::kCut;
    while (exact && !is_stable(from, step)) step.deviation += words_.deviation(step.deviation) > 0 ? -1 : 1;
    step.time = place_ + words_.deviation(step.deviation);
    return step;
  }

 private:
  std::int64_t bar_end() const { return bar_onset_ + meter_->ticks_per_bar; }
  int nearest_shift(std::int64_t wait) const { return meter_->lengths->nearest(wait); }
  bool is_stable(std::int64_t from, const Step& step) const {
    const std::int64_t time = step.place + words_.deviation(step.deviation);
    if (words_.deviation(step.deviation) == 0) return true;
    if (time > bar_end() - half_step_ || (step.bars > 0 && time <= bar_onset_ - half_step_) || time < 0) return false;
    const std::int64_t wait = time - from;
    return (wait >= half_step_ ? nearest_shift(wait) : -1) == step.shift;
  }

  const BeatWords& words_;
  const BeatWords::Meter* meter_;
  std::int64_t half_step_, place_ = 0, bar_onset_ = 0;
};

class PerTokEncoder final : public BeatEncoder {
 public:
  PerTokEncoder(const BeatPiece& piece, const BeatWords& words) : BeatEncoder(piece, words), walk_(words) {
    walk_.take_meter(int(meter_ - &words.meter(0)), 0);
    shifts_for_marks_ = words.options().overlaps == NoteOverlaps::kCut;
  }
  void mark(const BeatMark& mark) {
    write_place(walk_.walk(mark.time, shifts_for_marks_ && mark.kind != WordKind::kTimeSignature));
    if (mark.kind == WordKind::kTimeSignature) walk_.take_meter(mark.value, mark.time);
    write_mark(mark);
  }
  void note(const GridNote& note) {
    PerTokWalk::Step step = walk_.walk(note.onset, true);
    write_place(step);
    if (has_programs_) {
      write_program(note.voice);
      write(WordKind::kMicroTiming, step.deviation);
      // MidiTok looks for a place once more, and half a step further on finds the next.
      if (!shifts_for_marks_) write_place(step = walk_.walk(note.onset, true));
    }
    write_pitch(note.voice, note.pitch, WordKind::kPitch, WordKind::kDrumPitch);
    write(WordKind::kMicroTiming, step.deviation);
    if (words_.has(WordKind::kVelocity)) write(WordKind::kVelocity, words_.velocity_bin(note.velocity));
    write(WordKind::kDuration, meter_->lengths->nearest(note.duration));
  }
  void end(const NoteEnd&) {}

 private:
  void write_place(const PerTokWalk::Step& step) {
    for (std::int64_t bars = step.bars; bars > 0; --bars) write(WordKind::kBar, 0);
    if (step.shift >= 0) write(WordKind::kTimeShift, step.shift);
  }
  PerTokWalk walk_;
  bool shifts_for_marks_;
};

// Finds where the words of a piece put its events.
class PerTokFitter {
 public:
  explicit PerTokFitter(const BeatWords& words) : walk_(words) {}
  void mark(const BeatMark& mark) {
    const bool is_meter = mark.kind == WordKind::kTimeSignature;
    const PerTokWalk::Step step = walk_.walk(mark.time, !is_meter);
    if (is_meter) walk_.take_meter(mark.value, mark.time);
    mark_times.push_back(is_meter ? mark.time : step.place);
  }
  void note(const GridNote& note) { onsets.push_back(walk_.walk(note.onset, true).time); }
  void end(const NoteEnd&) {}
  std::vector<std::int64_t> mark_times, onsets;

 private:
  PerTokWalk walk_;
};

class PerTok final : public BeatTokenizer {
 public:
  explicit PerTok(std::shared_ptr<const BeatLanguage> language) : BeatTokenizer("per_tok", std::move(language), {}) {}

  // The first bar has no word.
  std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const override {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (i == 0 || words().word(tokens[i]).kind == WordKind::kBar) starts.push_back(i);
    return starts;
  }

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<PerTokEncoder>(piece, words());
  }
  bool cuts() const { return words().options().overlaps == NoteOverlaps::kCut; }
  bool reads_otherwise() const override { return !cuts(); }
  void fit(BeatPiece& piece) const override {
    if (!cuts()) return;
    PerTokFitter fitter(words());
    encode_events<VoiceOrder>(piece, {}, fitter);
    for (std::size_t i = 0; i < piece.marks.size(); ++i) piece.marks[i].time = fitter.mark_times[i];
    for (std::size_t i = 0; i < piece.notes.size(); ++i) piece.notes[i].onset = fitter.onsets[i];
    settle(piece, words(), {});
  }
};

void make_graph(WordGraph& graph, const BeatWords& words) {
  const int ready = graph.add_place(), moment = graph.add_place();
  const int bar = graph.add(WordKind::kBar), shift = graph.add(WordKind::kTimeShift);
  graph.link(ready, {bar, shift, moment});
  graph.link(bar, {ready});
  graph.link(shift, {moment});
  if (words.has(WordKind::kTimeSignature)) {
    // Behind notes that come a little before their bar line, too.
    const int meter = graph.add_unit(WordKind::kTimeSignature);
    graph.node(meter).counts = false;
    graph.link(ready, {meter});
    graph.link(meter, {ready});
  }
  for (const WordKind kind : {WordKind::kTempo, WordKind::kKey}) {
    if (!words.has(kind)) continue;
    const int change = graph.add_unit(kind);
    graph.link(moment, {change});
    graph.link(change, {ready});
  }
  const int named = add_note(graph, words, moment, true, ready);
  if (words.has(WordKind::kProgram) && words.options().overlaps != NoteOverlaps::kCut) {
    const int again = graph.add(WordKind::kTimeShift);
    for (const int pitch : std::vector<int>(graph.node(named).next)) graph.link(again, {pitch});
    graph.link(named, {again});
  }
  graph.link(WordGraph::kStart, {add_opening(graph, words, true, ready)});
  graph.finish();
}

}  // namespace

std::shared_ptr<const Tokenizer> make_per_tok(const BeatOptions& given) {
  BeatOptions options = given;
  options.chords = options.pedals = false;
  options.rests.clear();
  options.pitch_bends = 0;
  const auto language =
      std::make_shared<BeatLanguage>(options, BeatParts{.bars = true, .shifts = true, .deviations = true});
  language->unordered = true;
  make_graph(language->graph, language->words);
  return std::make_shared<PerTok>(language);
}

}  // namespace continuo::tokens
