#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::render {

struct PianoRollOptions {
  int width = 1600;    // pixels. Range: 200 to 30000
  int row_height = 7;  // pixels per semitone. Range: 1 to 100
  std::string title;   // shown where the score has none; empty: the name of the file that is written
  // Where new music begins: a line marks it. Units: ticks of the score.
  std::optional<score::Ticks> new_from;
};

// Draws time to the right, pitch upwards, one colour per track, velocity as strength, bars as grid lines, octaves and
// key names at the left; drums as their own strip with instrument names. PNG or SVG by the extension.
// Errors: no_notes, unsupported (another extension), invalid_argument (options), io, no_space.
Status write_piano_roll(const score::Score& score, const std::filesystem::path& path,
                        const PianoRollOptions& options = {});

}  // namespace continuo::render
