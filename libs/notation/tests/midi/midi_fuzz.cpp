#include "midi_fuzz.h"

#include "continuo/midi/writer.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"

#include "../fuzz_checks.h"

namespace continuo::notation {
namespace {

using midi::EventKind;
using midi::File;

std::string violation_of_piece(const Piece& piece) {
  if (std::string what = violation_of(piece.score, 0); !what.empty()) return what;
  const auto bytes = write_midi(piece);
  if (!bytes.ok()) return "cannot be written: " + bytes.error().to_line();
  const auto again = read_midi(*bytes, {.strict = true});
  if (!again.ok()) return "cannot be read again: " + again.error().to_line();
  if (again->tempos != piece.score.tempos) return "other tempos";
  if (again->tracks.size() != piece.score.tracks.size()) return "other tracks";
  for (std::size_t i = 0; i < again->tracks.size(); ++i) {
    if (again->tracks[i].notes != piece.score.tracks[i].notes) return "other notes in track " + std::to_string(i);
    if (again->tracks[i].program != piece.score.tracks[i].program)
      return "another program of track " + std::to_string(i);
  }
  return "";
}

}  // namespace

std::string fuzz_midi(std::span<const std::uint8_t> bytes) {
  Diagnostics diagnostics;
  const auto pieces = read_midi_with_side_events(bytes, diagnostics);
  if (!pieces.ok()) return pieces.error().what.empty() ? "an error without a reason" : "";
  for (const Piece& piece : *pieces) {
    if (std::string what = violation_of_piece(piece); !what.empty()) return what;
  }
  return "";
}

std::vector<std::vector<std::uint8_t>> midi_seeds() {
  File file;
  file.header = {1, midi::Division::per_quarter(480)};
  const auto tempo = std::to_array<std::uint8_t>({0x06, 0x1A, 0x80});
  const auto meter = std::to_array<std::uint8_t>({6, 3, 36, 8});
  file.tracks.push_back({{file.meta(0, midi::meta::kTempo, tempo), file.meta(0, midi::meta::kTimeSignature, meter),
                          file.meta(0, midi::meta::kText, std::string_view("chord:Am")),
                          file.sysex(5, EventKind::sysex, std::to_array<std::uint8_t>({0x7E, 0x7F, 9, 1, 0xF7}))},
                         10});
  const auto message = File::channel_message;
  for (const int channel : {2, 2, 9}) {
    file.tracks.push_back(
        {{file.meta(0, midi::meta::kTrackName, std::string_view("a")),
          message(0, EventKind::control_change, channel, 0, 3), message(0, EventKind::program_change, channel, 30, 0),
          message(5, EventKind::note_on, channel, 60, 90), message(5, EventKind::control_change, channel, 64, 127),
          file.meta(5, midi::meta::kLyric, std::string_view("la")), message(7, EventKind::pitch_bend, channel, 1, 70),
          message(8, EventKind::poly_pressure, channel, 60, 70),
          message(9, EventKind::channel_pressure, channel, 70, 0),
          message(10, EventKind::control_change, channel, 121, 0), message(10, EventKind::note_off, channel, 60, 30),
          message(10, EventKind::program_change, channel, 31, 0), message(10, EventKind::note_on, channel, 62, 90),
          message(20, EventKind::note_on, channel, 62, 0)},
         20});
  }
  return {*midi::write(file)};
}

}  // namespace continuo::notation
