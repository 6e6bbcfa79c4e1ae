#pragma once

#include <filesystem>

#include "continuo/base/result.h"

// What a run's folder holds.
namespace continuo::runs {

inline constexpr const char* kBestFile = "best.safetensors";
inline constexpr const char* kLastFile = "last.safetensors";
inline constexpr const char* kResumeFile = "resume.safetensors";
inline constexpr const char* kConfigFile = "config.toml";
inline constexpr const char* kMetricsFile = "metrics.csv";
inline constexpr const char* kChartFile = "loss.png";
inline constexpr const char* kSamplesFolder = "samples";

// The model that a path names: of a run's folder best.safetensors, or last.safetensors before the first validation; any
// other path itself. Errors: not_found (a folder without either).
Result<std::filesystem::path> model_file(const std::filesystem::path& path);

}  // namespace continuo::runs
