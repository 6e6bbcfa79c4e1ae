#pragma once

#include <filesystem>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::corpus {

struct WavSound {
  int sample_rate = 0;         // Units: Hz
  std::vector<float> samples;  // Range: -1 to 1
};

// 16-bit PCM, one channel, as NSynth has it. Source: Microsoft and IBM, "Multimedia Programming Interface and Data
// Specifications 1.0", RIFF WAVE. Errors: not_found, io, wrong_format, truncated, unsupported (another kind of wav).
Result<WavSound> read_wav(const std::filesystem::path& path);

}  // namespace continuo::corpus
