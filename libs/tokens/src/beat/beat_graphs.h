#pragma once

#include "beat_words.h"
#include "word_graph.h"

namespace continuo::tokens {

// A note after `from`, [Program] Pitch [Velocity] [Duration] with a MicroTiming behind Program and Pitch if there are
// any, which leads on to `next`. Returns the place where its voice is known. Sequences may end after it.
int add_note(WordGraph& graph, const BeatWords& words, int from, bool has_program, int next);

// What may happen at one time, in order: [TimeSig] [Tempo] [Key], then marks and notes of the voices in any number.
// Entered at `all` or later; after any of them `done` is reached.
struct MomentGraph {
  int all = 0, tempo = 0, key = 0, voices = 0, done = 0;
};

// Adds the words of a moment as far as the vocabulary has them. Where `has_programs` is false, tracks have the
// programs. Sequences may end after each.
MomentGraph add_moment(WordGraph& graph, const BeatWords& words, bool has_meters, bool has_programs);

// The way a piece starts at time 0: what of TimeSig, Tempo, Key the vocabulary has must stand, then leads on to `next`.
// Returns its entry.
int add_opening(WordGraph& graph, const BeatWords& words, bool has_meter, int next);

// What follows the Bar word `bar`: its TimeSig, if there are such words, then `next`. Returns the last node of these.
int add_bar_head(WordGraph& graph, const BeatWords& words, int bar, int next);

// A whole piece in shifts, from `start`: the opening, then moments apart by Rest and TimeShift words. Returns where it
// may stop.
int add_shifted_piece(WordGraph& graph, const BeatWords& words, int start, bool has_programs);
// The same in bars and positions.
int add_barred_piece(WordGraph& graph, const BeatWords& words, int start, bool has_programs);

}  // namespace continuo::tokens
