#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/midi/diagnostics.h"
#include "continuo/midi/file.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// A text event that begins like this holds a chord symbol. MIDI has no event for them; this way they survive in
// a file that every other program reads as well.
inline constexpr std::string_view kChordTextPrefix = "chord:";

// Music that lasts longer is refused: it takes a broken delta time to get there.
inline constexpr double kLongestMusicSec = 7.0 * 24 * 3600;

// Limits that no music reaches and that keep broken files small.
inline constexpr std::size_t kMostTracks = 4096;
inline constexpr std::size_t kLongestNameBytes = 1024;  // longer titles and names are cut

struct MidiReadOptions {
  bool strict = false;  // the first defect becomes an error
};

// MIDI events as music.
//
// - A channel is a state, which every chunk may change and which holds for all notes of the channel: its program,
//   controls, bends and pressures are those of all chunks, merged as a player merges them. Channel 10 is the drums'.
//   Before the first program change of a channel its notes have program 0, but those of the same tick have the new one.
// - Tracks: one for each track chunk, channel and program in force that has notes, in the order of their first events.
// - Controls, bends and pressures: the only track of a channel has all of them. Where several tracks play on a channel,
//   each has what it needs to sound as it does there: the state at its first note, placed at that note, and the later
//   changes until its last note has ended and no pedal holds it; what changes nothing is left out. (Beyond 4 million
//   events times tracks, the first track has all.) Those of a channel that never plays are left out. Bank selections
//   (controllers 0 and 32) are at the program change with which they take effect, or left out where there is none.
//   Resetting all controllers (121) resets bends and pressures as well.
// - Order within a tick: each control, bend and pressure has its score::TickPlace among the notes of its track: before
//   those that end, between, or after those that begin. What comes among several ends or several beginnings is between.
//   After a beginning and before an end the sustain and hold pedals are before the end, all else is after the
//   beginning.
// - Notes: each note-off (or note-on of velocity 0) ends the oldest open note of its channel and key in its chunk. A
//   note that nothing ends lasts to the last end of its key, to where its key is struck next, to the last note-off of
//   its chunk, or to the end of the chunk: the first of these that comes after it. A note that ends in the tick in
//   which it starts is kept, with duration 0, so there are as many notes as note-ons. A note-on of velocity 0 has the
//   plain release velocity.
// - Names: that of the first chunk is the title and, with format 1, also its own tracks' name. Text that is not UTF-8
//   is read as Latin-1.
// - Of several tempos, meters or keys in one tick the last counts. Impossible ones are left out.
// - SMPTE time: a quarter note lasts one second, and tempo events mean nothing, as the standard says.
// - Left out: numbers of ports, all other order within a tick, but for programs; and, but for
//   read_midi_with_side_events(), lyrics, other text, system exclusive data and meta events of unknown meaning.
//
// Errors: those of midi::find_chunks(); malformed, when a tick has no length; too_large, beyond
// kLongestMusicSec or kMostTracks; strict: malformed and truncated. Music without a note is no error.
Result<score::Score> read_midi(std::span<const std::uint8_t> bytes, const MidiReadOptions& options = {},
                               midi::Diagnostics* diagnostics = nullptr);

// All pieces of a file: one, and of format 2 one for each track; read_midi() gives the first of them that has
// notes.
Result<std::vector<score::Score>> read_midi_pieces(std::span<const std::uint8_t> bytes,
                                                   const MidiReadOptions& options = {},
                                                   midi::Diagnostics* diagnostics = nullptr);

// The same with what a Score has no place for: lyrics and other text, copyright notices, system exclusive data, SMPTE
// offsets, meta events of unknown meaning, names of chunks without notes. Defects, and what is lost all the same, are
// noted. Errors: as read_midi().
Result<std::vector<Piece>> read_midi_with_side_events(std::span<const std::uint8_t> bytes, Diagnostics& diagnostics);

// The same as read_midi() from events. Requires: format 0 or 1, or one track.
Result<score::Score> score_from_midi(const midi::File& file, midi::Diagnostics* diagnostics = nullptr);

}  // namespace continuo::notation
