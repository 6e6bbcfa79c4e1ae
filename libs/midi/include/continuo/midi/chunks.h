#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/midi/diagnostics.h"

namespace continuo::midi {

// What a tick is. Source: Standard MIDI Files 1.0, "Header Chunks".
struct Division {
  std::uint16_t raw = 480;

  static Division per_quarter(std::uint16_t ticks) { return {ticks}; }
  bool is_smpte() const { return (raw & 0x8000) != 0; }
  // Requires: !is_smpte(). Range: 0 to 32767; 0 leaves times without a meaning.
  int ticks_per_quarter() const { return raw; }
  // Requires: is_smpte(). 24, 25, 29 (which means 30 drop frame: 29.97) or 30, and in broken files anything
  // from 1 to 128.
  int frames_per_second() const { return 256 - (raw >> 8); }
  int ticks_per_frame() const { return raw & 0xFF; }
  friend bool operator==(Division, Division) = default;
};

struct Header {
  int format = 1;  // 0: one track; 1: tracks that sound together; 2: tracks that are pieces of their own
  Division division;
  friend bool operator==(const Header&, const Header&) = default;
};

// The content of one track chunk.
struct TrackBytes {
  std::span<const std::uint8_t> bytes;
  std::size_t offset = 0;  // of bytes[0] in the file
};

// Where everything in a file is. Points into the file's bytes.
struct Layout {
  Header header;
  std::vector<TrackBytes> tracks;
};

inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMostTracks = 0xFFFF;  // that a header can announce; further ones are not read

// Finds the chunks of a Standard MIDI File, also inside RIFF (RMID). Chunks of other kinds are skipped. A chunk
// whose size leads nowhere reaches as far as the next "MTrk" or the end of the file.
//
// Errors: empty; too_large beyond kMaxFileBytes; wrong_format; unsupported (MIDI 2.0 clips); malformed, without
// a header or any track that it announces; truncated, inside the header or right after it.
Result<Layout> find_chunks(std::span<const std::uint8_t> bytes, Diagnostics& diagnostics);

}  // namespace continuo::midi
