#include "beat_graphs.h"

namespace continuo::tokens {
int add_note(WordGraph& graph, const BeatWords& words, int from, bool has_program, int next) {
  int named = from;
  const auto add = [&](WordKind kind, int& last) {
    if (!words.has(kind)) return;
    const int node = graph.add(kind);
    graph.link(last, {node});
    last = node;
  };
  if (has_program && words.has(WordKind::kProgram)) {
    add(WordKind::kProgram, named);
    add(WordKind::kMicroTiming, named);
  }
  for (const WordKind pitch_kind : {WordKind::kPitch, WordKind::kDrumPitch}) {
    int last = named;
    for (const WordKind kind : {pitch_kind, WordKind::kMicroTiming, WordKind::kVelocity, WordKind::kDuration})
      add(kind, last);
    graph.node(last).can_end = graph.node(last).completes_note = true;
    graph.link(last, {next});
  }
  return named;
}

MomentGraph add_moment(WordGraph& graph, const BeatWords& words, bool has_meters, bool has_programs) {
  MomentGraph moment{graph.add_place(), graph.add_place(), graph.add_place(), graph.add_place(), graph.add_place()};
  graph.link(moment.all, {moment.tempo});
  graph.link(moment.tempo, {moment.key});
  graph.link(moment.key, {moment.voices});
  const auto add_change = [&](WordKind kind, int from, int to, bool counts = true) {
    if (!words.has(kind)) return;
    const int node = graph.add_unit(kind);
    graph.node(node).counts = counts;
    graph.link(from, {node});
    graph.link(node, {to, moment.done});
  };
  if (has_meters) add_change(WordKind::kTimeSignature, moment.all, moment.tempo, false);
  add_change(WordKind::kTempo, moment.tempo, moment.key);
  add_change(WordKind::kKey, moment.key, moment.voices);
  add_change(WordKind::kPedal, moment.voices, moment.voices, false);
  add_change(WordKind::kPedalEnd, moment.voices, moment.voices, false);

  const int named = add_note(graph, words, moment.voices, has_programs, moment.done);
  add_change(WordKind::kPitchBend, named, moment.voices);
  add_change(WordKind::kChord, named, moment.voices);
  for (const WordKind kind : {WordKind::kPitchEnd, WordKind::kDrumPitchEnd})
    add_change(kind, named, moment.voices, false);
  graph.link(moment.done, {moment.voices});
  return moment;
}

int add_opening(WordGraph& graph, const BeatWords& words, bool has_meter, int next) {
  const int entry = graph.add_place();
  int last = entry;
  for (const WordKind kind : {WordKind::kTimeSignature, WordKind::kTempo, WordKind::kKey}) {
    if (!words.has(kind) || (kind == WordKind::kTimeSignature && !has_meter)) continue;
    const int node = graph.add(kind);
    graph.link(last, {node});
    last = node;
  }
  graph.link(last, {next});
  return entry;
}

int add_shifted_piece(WordGraph& graph, const BeatWords& words, int start, bool has_programs) {
  const MomentGraph moment = add_moment(graph, words, true, has_programs);
  const int shift = graph.add(WordKind::kTimeShift);
  const int waits = graph.add_place();
  graph.link(waits, {shift});
  graph.link(shift, {moment.all, shift});
  if (words.has(WordKind::kRest)) {
    const int rest = graph.add(WordKind::kRest);
    graph.link(waits, {rest});
    graph.link(rest, {moment.all, shift, rest});
  }
  graph.link(moment.done, {waits});
  graph.link(start, {add_opening(graph, words, true, moment.done)});
  return moment.done;
}

int add_bar_head(WordGraph& graph, const BeatWords& words, int bar, int next) {
  int last = bar;
  if (words.has(WordKind::kTimeSignature)) {
    last = graph.add(WordKind::kTimeSignature);
    graph.link(bar, {last});
  }
  graph.link(last, {next});
  return last;
}

int add_barred_piece(WordGraph& graph, const BeatWords& words, int start, bool has_programs) {
  const MomentGraph moment = add_moment(graph, words, false, has_programs);
  const int bar = graph.add(WordKind::kBar);
  const int in_bar = graph.add_place();
  const int position = graph.add(WordKind::kPosition);
  graph.link(position, {moment.all});
  graph.node(add_bar_head(graph, words, bar, in_bar)).can_end = true;
  graph.link(in_bar, {position, bar});
  if (words.has(WordKind::kRest)) {
    const int rest = graph.add(WordKind::kRest);
    graph.link(rest, {in_bar, rest});
    graph.link(in_bar, {rest});
  }
  graph.link(moment.done, {in_bar});

  const int first_bar = graph.add(WordKind::kBar);
  graph.link(start, {first_bar});
  if (words.has(WordKind::kTempo) || words.has(WordKind::kKey)) {
    const int first_position = graph.add(WordKind::kPosition, 0, 1);
    add_bar_head(graph, words, first_bar, first_position);
    graph.link(first_position, {add_opening(graph, words, false, moment.done)});
  } else {
    add_bar_head(graph, words, first_bar, in_bar);
  }
  return moment.done;
}

}  // namespace continuo::tokens
