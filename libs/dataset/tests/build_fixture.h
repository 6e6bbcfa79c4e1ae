#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "music_folder.h"

namespace continuo::dataset {

// Builds that have to succeed.
class BuildTest : public MusicFolder {
 protected:
  BuildReport built(const BuildOptions& options, int threads = 2) const {
    auto report = run(options, threads);
    EXPECT_TRUE(report.ok()) << report.error().to_line();
    return report.ok() ? *std::move(report) : BuildReport{};
  }
  TokenDataset opened() const {
    auto dataset = TokenDataset::open(output());
    EXPECT_TRUE(dataset.ok()) << dataset.error().to_line();
    return *std::move(dataset);
  }
  static std::uint64_t total(const std::array<std::uint64_t, 3>& counts) { return counts[0] + counts[1] + counts[2]; }
};

// Stops a build after so many files.
class StopAfter final : public Progress {
 public:
  explicit StopAfter(int updates) : left_(updates) {}
  void update(std::uint64_t done, std::uint64_t total, std::string_view) override {
    EXPECT_LE(done, total);
    --left_;
  }
  bool stop_requested() const override { return left_ <= 0; }

 private:
  int left_;
};

}  // namespace continuo::dataset
