#pragma once

#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// The ABC reader. Source: "The abc music standard 2.1" (December 2011); numbers below are its sections.
//
// Read: X T M L Q K V P fields, K M L Q V P also inline (3.1, 3.2); keys, modes, HP, none and explicit accidentals
// (3.1.14); meters and the default unit length (3.1.6, 3.1.7); tempo (3.1.8, with the outdated forms); pitch,
// accidentals, lengths, broken rhythm, rests (4.1-4.5); octave, transpose and clef+8/-8 (4.6); bars, repeats and
// variant endings (4.8-4.10); ties (4.11); grace notes (4.12); tuplets (4.13); segno, coda, fine, D.C., D.S. (4.14);
// chords (4.17); chord symbols (4.18); lyrics (5.1, 5.2); voices and overlays (7). Read and left out: slurs, notes
// of a voice from `cue=on` to `cue=off` (their time stays), annotations, other decorations, words after the tune (W:),
// macros, symbol lines, and directives other than `%%MIDI program N` and `%%propagate-accidentals`.
//
// Choices where the standard leaves one, or where we differ:
// - An accidental holds to the end of the bar for its letter in its octave, as in print (the standard's default, all
//   octaves, is had by `%%propagate-accidentals pitch`). A tie carries it over the bar line.
// - 480 ticks to the quarter: 1/64 is 30 ticks and its triplet 20. Lengths are added up in exact fractions
//   (1/322,560 of a whole note, which holds tuplets of 3, 5, 6, 7 and 9) and rounded once per note.
// - A pickup sounds at the end of a full first bar: the tune begins with silence. Bars that a repeat sign, an ending, a
//   double bar or a jump cuts in two are one bar where both parts fit into it, as are two neighbours that together have
//   the length of one; what lasts several bars is several. Another bar that does not have the length of its meter is
//   one of Score::irregular_bars and in the diagnostics; time signatures are those that are written, nothing else.
//   Where some voice ends at the bar line, what lasts beyond it in another ends there too.
// - Grace notes are played, with a slash or without, whatever their lengths: each is an eighth of a quarter long, and
//   all that lead to one note take at most half of it. It begins that much later and ends when it would. Before a bar
//   line or a rest they take the end of the note before them in the same way; in silence they take nothing. A note that
//   continues a tie or is tied on loses none of its time, and sounds on below them. A grace note that is tied to the
//   note that it leads to lasts as long as that. They are as loud as notes between beats.
// - Repeats and endings are written out. An inner `|:` begins a new repeat; `:|` without one goes back to the last
//   double bar, end of repeat, or the beginning (4.8). After a jump to the coda its own repeats are played. Voices with
//   equally many bars share their repeats.
// - Parts are played in the order of the header's P: (3.1.9), where the body has labels for them; repeats and jumps
//   stay within a part. An order that plays a part twice in a row which has repeat signs is not followed: it means the
//   same as they. Labels become markers.
// - Fields in the body belong to the voice that they are in. Without Q: no tempo is recorded (120 hold). Of several
//   tempos at one instant the first voice's counts, and the header's last. A repeat or jump goes back to the tempo of
//   its place. Keys are those of the first voice.
// - In a header, lines that are no field are no music unless they have bar lines; below H: they are history.
// - Velocity: AbcOptions::velocity between beats is 6 less, at the beginning of a bar 8 more.
// - Lyrics: verses are sung as musicxml.h says. "|" skips to after the bar line that follows the last syllable's note.
//   A w: field that ends in a backslash continues in the next, as in older texts. Overlays are not sung.
// - Chord symbols are realised in close position from C3 to G4, held to the next symbol or the end of the bar, and
//   struck again in following bars without a symbol, until a double bar or a repeat.
struct AbcOptions {
  bool strict = false;      // a problem is an error; otherwise it is a diagnostic, and reading continues after it
  bool play_chords = true;  // chord symbols also sound, as a last track "Chords"
  int velocity = 80;        // Range: 16 to 119
};

struct AbcBook {
  std::vector<Piece> tunes;  // with their lyrics
  Diagnostics diagnostics;
};

// Every tune of a text. Strict: the first problem in any tune is the error; bars that do not add up and chord symbols
// beyond us stay diagnostics. Tolerant: a tune that cannot be read is left out.
// Limits: 16 MiB of text; of a tune 64 voices and 20,000 bars (60,000 with repeats). Messages quote 60 bytes of a name.
// Errors: empty, wrong_format (no tune), no_notes, malformed and too_large (with line and column).
Result<AbcBook> read_abc_book(std::string_view text, const AbcOptions& options = {});

// The same without lyrics and diagnostics.
Result<std::vector<score::Score>> read_abc(std::string_view text, const AbcOptions& options = {});

}  // namespace continuo::notation
