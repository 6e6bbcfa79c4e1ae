#pragma once

#include <cstdint>
#include <span>

#include "continuo/base/result.h"
#include "continuo/midi/diagnostics.h"
#include "continuo/midi/file.h"

namespace continuo::midi {

struct ParseOptions {
  bool strict = false;  // the first defect becomes an error
};

// All events of a Standard MIDI File. Damage is read around and noted in `diagnostics`, if given. To go through
// events without storing them, use find_chunks() and TrackReader. Errors: those of find_chunks(); strict:
// malformed and truncated.
Result<File> parse(std::span<const std::uint8_t> bytes, const ParseOptions& options = {},
                   Diagnostics* diagnostics = nullptr);

}  // namespace continuo::midi
