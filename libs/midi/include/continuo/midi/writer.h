#pragma once

#include <cstdint>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/midi/file.h"

namespace continuo::midi {

struct WriteOptions {
  bool running_status = true;  // leaves out a status that is the same as the last one's: a third smaller
};

// The bytes of a Standard MIDI File; parse() gives back an equal File. A rest of more than 2^28 - 1 ticks,
// which the format cannot say, is bridged by empty text events. Errors: invalid_argument for a file that the
// format cannot hold (format, number of tracks, falling times, data above 127, an end-of-track event among the
// events).
Result<std::vector<std::uint8_t>> write(const File& file, const WriteOptions& options = {});

}  // namespace continuo::midi
