#include <algorithm>
#include <utility>

#include "continuo/midi/chunks.h"
#include "continuo/midi/track_reader.h"
#include "continuo/notation/midi_reader.h"

#include "score_builder.h"

namespace continuo::notation {
namespace {

constexpr int kIndependentTracks = 2;  // the format

Result<score::Score> build(const midi::Header& header, std::span<const midi::TrackBytes> tracks,
                           midi::Diagnostics& diagnostics) {
  ScoreBuilder builder(header, diagnostics);
  int number = 0;
  for (const midi::TrackBytes& track : tracks) {
    midi::TrackReader reader(track, number, diagnostics);
    builder.begin_chunk(number++);
    midi::EventView event;
    while (reader.next(event)) builder.add(event, reader.offset());
    builder.end_chunk(reader.end_time());
  }
  return builder.finish();
}

}  // namespace

Result<std::vector<score::Score>> read_midi_pieces(std::span<const std::uint8_t> bytes, const MidiReadOptions& options,
                                                   midi::Diagnostics* diagnostics) {
  midi::Diagnostics own;
  midi::Diagnostics& found = diagnostics != nullptr ? *diagnostics : own;
  CONTINUO_ASSIGN(const midi::Layout layout, midi::find_chunks(bytes, found));
  const std::span<const midi::TrackBytes> tracks = layout.tracks;
  const bool is_book = layout.header.format == kIndependentTracks && tracks.size() > 1;
  std::vector<score::Score> pieces;
  for (std::size_t i = 0; i < (is_book ? tracks.size() : 1); ++i) {
    CONTINUO_ASSIGN(score::Score piece, build(layout.header, is_book ? tracks.subspan(i, 1) : tracks, found));
    pieces.push_back(std::move(piece));
  }
  if (options.strict && !found.empty()) return found.kept().front().to_error();
  return pieces;
}

Result<score::Score> read_midi(std::span<const std::uint8_t> bytes, const MidiReadOptions& options,
                               midi::Diagnostics* diagnostics) {
  CONTINUO_ASSIGN(std::vector<score::Score> pieces, read_midi_pieces(bytes, options, diagnostics));
  const auto sounding =
      std::find_if(pieces.begin(), pieces.end(), [](const score::Score& piece) { return piece.note_count() > 0; });
  return std::move(sounding == pieces.end() ? pieces.front() : *sounding);
}

Result<score::Score> score_from_midi(const midi::File& file, midi::Diagnostics* diagnostics) {
  midi::Diagnostics own;
  ScoreBuilder builder(file.header, diagnostics != nullptr ? *diagnostics : own);
  int number = 0;
  for (const midi::TrackChunk& track : file.tracks) {
    builder.begin_chunk(number++);
    for (const midi::Event& event : track.events) builder.add(file.view(event), 0);
    builder.end_chunk(track.end_time);
  }
  return builder.finish();
}

}  // namespace continuo::notation
