#pragma once

// What a run's folder holds.
namespace continuo::runs {

inline constexpr const char* kBestFile = "best.safetensors";
inline constexpr const char* kLastFile = "last.safetensors";
inline constexpr const char* kResumeFile = "resume.safetensors";
inline constexpr const char* kConfigFile = "config.toml";
inline constexpr const char* kMetricsFile = "metrics.csv";
inline constexpr const char* kChartFile = "loss.png";
inline constexpr const char* kSamplesFolder = "samples";

}  // namespace continuo::runs
