#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/tokens/beat_options.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// The tokenisations that share BeatOptions, by name:
//
// remi_plus   Bar, TimeSig, Position, then notes as Program Pitch Velocity Duration.
//             Source: von Rütte et al., "FIGARO", arXiv 2201.10936. With programs, tempos off: MidiTok's REMI.
// tsd         TimeShift, then notes as Program Pitch Velocity Duration.
//             Source: Fradet et al., "Byte Pair Encoding for Symbolic Music", arXiv 2301.11975.
// midi_like   TimeShift, NoteOn with Velocity, NoteOff.
//             Source: Oore et al., arXiv 1808.03715, in musical time.
// structured  every note is TimeShift Program Pitch Velocity Duration, nothing else.
//             Source: Hadjeres and Crestel, "The Piano Inpainting Application", arXiv 2107.05944.
//
// Words of one unit can form rows of a fixed order, so that the place in a row determines the kind (docs/adr/0006):
//
// cp_word     rows for bars, positions and notes, filled up with Ignore; the meter is part of bars, the tempo of
//             positions. Source: Hsiao et al., "Compound Word Transformer", arXiv 2101.02402.
// octuple     a row for each note: Pitch Position Bar Velocity Duration Program Tempo TimeSig.
//             Source: Zeng et al., "MusicBERT", arXiv 2106.05630.
// mumidi      rows for bars, positions, instruments and notes, each with the bar and position that it belongs to; 4/4.
//             Source: Ren et al., "PopMAG", arXiv 2008.07703.
// per_tok     Bar and TimeShift on a grid of quarters, and notes with how far they miss it (MicroTiming).
//             Source: Lenz and Mani, "PerTok: Expressive Encoding and Modeling of Symbolic Musical Ideas and
//             Variations", arXiv 2410.02060.
// mmm         track after track, each in the words of tsd or remi_plus.
//             Source: Ens and Pasquier, "MMM", arXiv 2008.06048.
// bar_tracks  bar after bar, in each the tracks that play in it, each as Program and its notes: what tasks rearrange
//             (track_cells.h). Tracks of one program stay apart; tempos and keys change at bar lines.
//
// Errors: unsupported (no such name), invalid_argument (an option out of range).
Result<std::shared_ptr<const Tokenizer>> make_beat_tokenizer(std::string_view name, const BeatOptions& options = {});
// Options that the description does not name have their defaults. Errors: malformed, unsupported.
Result<std::shared_ptr<const Tokenizer>> beat_tokenizer_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
