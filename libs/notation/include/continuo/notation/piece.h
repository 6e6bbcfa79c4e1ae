#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/notation/diagnostics.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// An event that a Score has no place for: lyrics of any format, and of a MIDI file other text, a copyright notice, an
// SMPTE offset, meta events of unknown meaning and system exclusive data. It is kept with the Score from reading a file
// to writing one.
struct SideEvent {
  score::Ticks onset;
  std::uint8_t status = 0xFF;  // a meta event; or 0xF0, 0xF7: system exclusive
  std::uint8_t type = 0;       // of a meta event, as midi::meta names them
  std::string payload;         // the bytes of the event without its length, in whatever encoding
  friend bool operator==(const SideEvent&, const SideEvent&) = default;
};

// The side events of one track.
struct SideTrack {
  enum class Home {
    piece,  // written before the first track
    track,  // written with a track of the Score
    own     // the track has no notes, hence none in the Score
  };
  Home home = Home::piece;
  std::size_t track = 0;          // with Home::track the index in Score::tracks
  std::string name;               // with Home::own
  std::vector<SideEvent> events;  // sorted by onset; may be none where there is a name
  friend bool operator==(const SideTrack&, const SideTrack&) = default;
};

struct Piece {
  score::Score score;
  std::vector<SideTrack> side_tracks;
};

// Notes for each sort of side event how many are lost, and why: "3 lyrics left out: a picture holds no text". For a
// target format, or an edit of the score, that cannot keep them.
void note_lost_side_events(const Piece& piece, std::string_view reason, Diagnostics& diagnostics);

}  // namespace continuo::notation
