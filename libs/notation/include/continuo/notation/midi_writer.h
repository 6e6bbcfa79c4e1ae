#pragma once

#include <cstdint>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/midi/file.h"
#include "continuo/notation/piece.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// A score as MIDI events, format 1: a first chunk with title, tempo, meter, key, chord symbols and markers,
// then a chunk for each track. Drums play on channel 10, other tracks have one of the 15 others each. When there are
// more, tracks share channels: first those that can without a difference, then those of one program, then any. Where
// programs, kits or banks meet in a channel, program changes come just before the notes that they are for; elsewhere
// one comes at the beginning and one after each selection of a bank.
//
// Reading it gives back an equal Score, sorted, but for: tracks without notes, which are left out; a note that ends
// after a later one of the same track and pitch (MIDI does not mark which of the two ends); irregular bars, which
// become time signatures, as score::signatures_of_bars() gives them; several tempos, meters or keys in one tick;
// controls, bends and pressures of tracks that share a channel and differ in them or in their places; places where no
// note ends or begins; names beyond kLongestNameBytes.
//
// Errors: invalid_argument for values outside the ranges that score.h states, or more than 32767 ticks per
// quarter.
Result<midi::File> midi_from_score(const score::Score& score);

// The same with the side events of a piece, each at its tick and in its track: those of a track without notes have a
// chunk of their own, after all others. Errors: also for side events that are neither meta events nor system exclusive.
Result<midi::File> midi_from_piece(const Piece& piece);

// The same as the bytes of a file.
Result<std::vector<std::uint8_t>> write_midi(const Piece& piece);
Result<std::vector<std::uint8_t>> write_midi(const score::Score& score);

}  // namespace continuo::notation
