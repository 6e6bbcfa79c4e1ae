#pragma once

#include <filesystem>

#include "continuo/base/result.h"

namespace continuo::train_app {

// Composes a few bars with the native engine, so that one can hear how far training has come.
Status write_sample(const std::filesystem::path& checkpoint, const std::filesystem::path& midi, int threads);

}  // namespace continuo::train_app
