#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/cli/command.h"
#include "continuo/generate/options.h"
#include "continuo/score/score.h"

namespace continuo::app {

// Music as musicians write it on a command line. `option` is what an error names.

// "5-8" or "5": bars counted from 1.
Result<generate::BarRange> read_bars(const std::string& text, const std::string& option);
// "piano,bass,drums": names or program numbers.
Result<std::vector<generate::Instrument>> read_instruments(const std::string& text, const std::string& option);
// "3/4".
Result<score::TimeSignature> read_meter(const std::string& text, const std::string& option);
// "F# minor", "C".
Result<score::KeySignature> read_key(const std::string& text, const std::string& option);
// "48-72" or "C3-C5", C4 being middle C: the lowest and the highest pitch.
Result<generate::PitchRange> read_range(const std::string& text, const std::string& option);
// "36,C5-C6": pitches and ranges of them.
Result<std::vector<generate::PitchRange>> read_pitches(const std::string& text, const std::string& option);
// "C major", "F# minor", "D dorian": a bit for each pitch class, C the first.
Result<std::uint16_t> read_scale(const std::string& text, const std::string& option);

// "pitch=0.8,velocity=1.2": temperatures from 0 to 10 for kinds of words.
Result<std::vector<generate::KindTemperature>> read_temperatures(const std::string& text, const std::string& option);

// Options of the commands that write tracks: what new notes keep to.
std::vector<cli::Field> note_rule_options();
// --rest-bars, for those of them that compose for given instruments.
cli::Field rest_option(const std::string& whose = "Each of these instruments");
Status read_note_rules(const cli::Arguments& arguments, generate::ComposeOptions& options);

// --velocity and --swing: how new notes are played, whatever the tokenizer.
cli::Field velocity_option();
std::vector<cli::Field> playing_options();
// Of these, those that the command has. Errors: invalid_argument.
Status read_playing(const cli::Arguments& arguments, generate::ComposeOptions& options);

// "1,3": tracks counted from 1 among those of the piece that have notes, as indices into all of them.
Result<std::vector<std::size_t>> read_tracks(const std::string& text, const score::Score& piece,
                                             const std::string& option);

}  // namespace continuo::app
