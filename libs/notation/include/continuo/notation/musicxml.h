#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// The MusicXML reader. Source: W3C MusicXML 4.0 (June 2021) and the comments of its schema; older versions are read by
// the same rules. Plain (.musicxml, .xml: UTF-8, UTF-16, UTF-32 or Latin-1) and compressed (.mxl), which the first
// bytes decide; score-partwise and score-timewise.
//
// Read: titles, part names, MIDI instruments; measures, divisions, keys, meters (also composite and senza misura),
// transpositions; notes, chords, backup and forward, ties, rests, unpitched notes; tempos, dynamics, pedals, program
// changes; harmony; rehearsal marks; lyrics; repeats, endings, segno, coda, fine, D.C., D.S.; grace notes. Read and
// left out: cue notes (their time stays), wedges, articulations, ornaments, tremolos and other notations, figured bass,
// harmony by function or numeral, keys other than by fifths, doubling an octave lower or higher, measure-repeat signs,
// the layout, and entities other than XML's own.
//
// Choices where the standard leaves one, or where we differ:
// - A track for each part and MIDI program in it that has notes, whatever their staff or voice. What is unpitched, or
//   on MIDI channel 10, goes to the part's drum track. Drums without midi-unpitched sound according to their place in
//   the staff as percussion is usually written (F4 bass drum, C5 snare, G5 hi-hat ...).
// - Pitch: step + alter, rounded half up to a semitone, + the transposition in force. What is outside of 0 to 127 is
//   left out.
// - Ticks to the quarter: 480 where that is exact, else the least multiple of it up to 30,720 that is; else the least
//   exact number up to 32,767; else 480, rounded once per note.
// - A tie joins a note to the next of its pitch and part that begins where it ends and stops a tie, in whatever voice
//   and across repeats; also to one of the same voice without a stop, unless music goes back between them. A tied note
//   of a chord lasts at least as long as the chord's first note.
// - Grace notes of a voice are played as in ABC, with a slash or without, and take what they ask for:
//   steal-time-previous and steal-time-following percents of the note before or after them, at most 7/8 of it together;
//   make-time as many divisions, but of the note after them too, so that parts stay together and bars keep their
//   length. Where nothing of their voice comes before them in the measure, they take of the note after them.
// - Positions may go before the beginning of the measure and come back; a note that begins there begins the measure.
//   A rest for the whole measure lasts the bar of its part's meter, whatever its duration says.
// - A part without divisions in its first measure has those of the part before it.
// - Pickups, repeats, endings and D.C., D.S. are treated as in ABC (abc.h): music of all parts follows the signs of all
//   parts. A bracket that closes before the repeat sign that it needs lasts up to it.
// - Before the first time signature a measure has one of its own length. An empty measure lasts a bar, as does one that
//   has nothing but rests for the whole measure, unless it is implicit; otherwise a measure is as long as the longest
//   part in it. Rests and forward beyond the bar line do not count, nor, where some voice ends at the bar line and all
//   notes begin before it, notes that last beyond it: they end there. A measure that misses a bar by less than 1/32 of
//   a quarter, for rounded tuplets, is one. Bars are made of measures as in ABC; implicit measures complete a bar as
//   well.
// - Music without a meter (senza-misura, M:none) has no bars of its own, since its measures are no beats: bars of the
//   meter before it run through it, and where a meter comes back a bar begins.
// - Jumps are those of sound elements; in files without any, of words ("D.C.", "D.S.", "To Coda", "Fine") and signs, of
//   which the last coda is where "To Coda" and any earlier coda sign jump to. They happen at the end of their measure.
// - Tempo: sound's, else the metronome mark's first figure. Without either none is recorded. After a repeat or jump the
//   tempo is that of the place.
// - Velocity: of marks ppp to fff 16, 33, 49 (p), 64 (mp), 80 (mf), 96 (f), 112, 126 from there on in the part, in the
//   order of writing; sf and its like lift one instant to 112. sound's and a note's dynamics are percents of 90. Before
//   the first it is MusicXmlOptions::velocity. Between beats 6 less, at the beginning of a bar 8 more, but for a note's
//   own.
// - Pedals: controller 64 (and 66, 67 of sound) in the part's first track.
// - Keys: of the first part, as they sound. Meters and keys come from the first part and staff that give them.
// - Offsets: those of harmony count, those of directions only with sound="yes".
// - Lyrics: each syllable at the beginning of its note, in its note's track. The n-th time that a measure is played its
//   verse n is sung, or the lowest verse that it has where there is no verse n. Syllables that are never sung are left
//   out, and those of cue notes. An elision becomes a space.
// - Chord symbols have the names of abc.h ("Am7", "G7(b9)/B") and are played as in ABC.
struct MusicXmlOptions {
  bool play_chords = true;  // chord symbols also sound, as a last track "Chords"
  int velocity = 80;        // Range: 16 to 119
};

struct MusicXmlScore {
  score::Score score;                  // without notes where the file has none
  std::vector<SideTrack> side_tracks;  // lyrics
  Diagnostics diagnostics;
  std::size_t written_notes = 0;  // note elements that sound, before repeats are written out and ties joined
  std::size_t grace_notes = 0;    // the same of grace notes, which are not among them
};

// Limits: 64 MiB of XML, 256 parts, 20,000 measures (60,000 with repeats), four million played notes, a week of music.
// Messages quote 60 bytes of a name.
// Errors: empty, wrong_format (neither XML of a MusicXML score nor a zip that holds one), truncated and malformed (with
// byte, or part and measure), unsupported (an opus), too_large, invalid_argument (options).
Result<MusicXmlScore> read_musicxml(std::string_view bytes, const MusicXmlOptions& options = {});

// Whether a zip that begins like this may hold a MusicXML score and not other files. Requires: the first kilobyte or
// more of the file.
bool looks_like_mxl(std::string_view head);
// Whether a text that begins like this may be a MusicXML score and not other XML. Requires: the first kilobyte or
// more of the file.
bool looks_like_musicxml(std::string_view head);

}  // namespace continuo::notation
