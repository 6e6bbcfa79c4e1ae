#include <algorithm>
#include <string>
#include <utility>

#include "continuo/midi/chunks.h"
#include "continuo/midi/track_reader.h"
#include "continuo/notation/midi_reader.h"

#include "score_builder.h"
#include "side_event_collector.h"

namespace continuo::notation {
namespace {

constexpr int kIndependentTracks = 2;  // the format

// Side events are kept where there are diagnostics for those that are lost.
Result<Piece> build(const midi::Header& header, std::span<const midi::TrackBytes> tracks, midi::Diagnostics& defects,
                    Diagnostics* lost) {
  ScoreBuilder builder(header, defects);
  SideEventCollector collector;
  int number = 0;
  for (const midi::TrackBytes& track : tracks) {
    midi::TrackReader reader(track, number, defects);
    builder.begin_chunk(number++);
    if (lost != nullptr) collector.begin_chunk();
    midi::EventView event;
    while (reader.next(event)) {
      builder.add(event, reader.offset());
      if (lost != nullptr) collector.add(event);
    }
    builder.end_chunk(reader.end_time());
  }
  Piece piece;
  CONTINUO_ASSIGN(piece.score, builder.finish());
  if (lost != nullptr) piece.side_tracks = collector.finish(builder.chunks_of_tracks(), *lost);
  return piece;
}

Result<std::vector<Piece>> read_pieces(std::span<const std::uint8_t> bytes, midi::Diagnostics& defects,
                                       Diagnostics* lost) {
  CONTINUO_ASSIGN(const midi::Layout layout, midi::find_chunks(bytes, defects));
  const std::span<const midi::TrackBytes> tracks = layout.tracks;
  const bool is_book = layout.header.format == kIndependentTracks && tracks.size() > 1;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < (is_book ? tracks.size() : 1); ++i) {
    CONTINUO_ASSIGN(Piece piece, build(layout.header, is_book ? tracks.subspan(i, 1) : tracks, defects, lost));
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

// A line for each sort of defect, with the place of the first.
void note_damage(const midi::Diagnostics& defects, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < midi::kDefects; ++i) {
    const auto defect = static_cast<midi::Defect>(i);
    if (!defects.contains(defect)) continue;
    const auto first = std::ranges::find(defects.kept(), defect, &midi::Diagnostic::defect);
    std::string place;
    if (first != defects.kept().end() && first->offset > 0) place = "byte " + std::to_string(first->offset);
    if (first != defects.kept().end() && first->track != midi::kNoTrack)
      place += (place.empty() ? "track " : ", track ") + std::to_string(first->track);
    diagnostics.add(DiagnosticKind::damage, std::move(place), std::string(midi::description(defect)),
                    defects.count(defect));
  }
}

}  // namespace

Result<std::vector<score::Score>> read_midi_pieces(std::span<const std::uint8_t> bytes, const MidiReadOptions& options,
                                                   midi::Diagnostics* diagnostics) {
  midi::Diagnostics own;
  midi::Diagnostics& found = diagnostics != nullptr ? *diagnostics : own;
  CONTINUO_ASSIGN(std::vector<Piece> pieces, read_pieces(bytes, found, nullptr));
  if (options.strict && !found.empty()) return found.kept().front().to_error();
  std::vector<score::Score> scores;
  for (Piece& piece : pieces) scores.push_back(std::move(piece.score));
  return scores;
}

Result<std::vector<Piece>> read_midi_with_side_events(std::span<const std::uint8_t> bytes, Diagnostics& diagnostics) {
  midi::Diagnostics defects;
  Diagnostics lost;
  CONTINUO_ASSIGN(std::vector<Piece> pieces, read_pieces(bytes, defects, &lost));
  note_damage(defects, diagnostics);
  for (const Diagnostic& each : lost.kept()) diagnostics.add(each);
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
