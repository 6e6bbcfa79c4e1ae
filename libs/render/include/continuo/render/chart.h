#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::render {

// One line of a chart. Points in order of x.
struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

// A line chart with axes, grid and legend, which takes as many lines as it needs; the loss curve of a training run.
struct Chart {
  std::string title, x_label, y_label;
  std::vector<ChartSeries> series;
  int width = 960, height = 540;  // pixels
};

// PNG or SVG by the extension. Points that are not finite interrupt their line.
// Errors: unsupported (another extension), invalid_argument (size), io, no_space.
Status write_chart(const Chart& chart, const std::filesystem::path& path);

}  // namespace continuo::render
