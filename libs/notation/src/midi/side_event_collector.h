#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "continuo/midi/event.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"

namespace continuo::notation {

inline constexpr std::size_t kMostSideEvents = std::size_t{1} << 20;  // of one piece; music has far fewer

// Collects what ScoreBuilder leaves, chunk by chunk, and counts what is lost for good.
class SideEventCollector {
 public:
  void begin_chunk() { chunks_.emplace_back(); }
  void add(const midi::EventView& event);
  // Gives the chunks their homes. `chunks_of_tracks` has the chunk of each of the score's tracks. An event of a chunk
  // belongs to the first of its tracks. What concerns the whole piece, as a first chunk of several tracks or of none
  // has it, belongs to the piece.
  std::vector<SideTrack> finish(std::span<const int> chunks_of_tracks, Diagnostics& diagnostics);

 private:
  struct Chunk {
    std::string name;
    std::vector<SideEvent> events;
  };
  void add_meta(const midi::EventView& event);
  void keep(const midi::EventView& event);

  std::vector<Chunk> chunks_;
  std::size_t kept_ = 0, beyond_limit_ = 0, others_ = 0;
};

}  // namespace continuo::notation
