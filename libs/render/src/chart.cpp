#include "continuo/render/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "canvas.h"

namespace continuo::render {
namespace {

constexpr Colour kGrid{0.90, 0.905, 0.915};
constexpr Colour kAxis{0.62, 0.64, 0.67};
constexpr double kTop = 76, kBottom = 62, kLeft = 78, kRight = 30;
constexpr double kLegendLine = 20, kLegendSample = 29, kLegendGap = 26;
constexpr TextStyle kLegendStyle{.size = 13};
constexpr std::size_t kColours = 8;  // of the palette

struct Range {
  double low = 0, high = 1;
  double step = 0.2;
};

bool is_drawable(const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

template <typename Member>
Range range_of(const Chart& chart, Member member, int steps, bool to_steps) {
  Range range{HUGE_VAL, -HUGE_VAL, 1};
  for (const ChartSeries& series : chart.series) {
    for (const auto& point : series.points) {
      if (!is_drawable(point)) continue;
      range.low = std::min(range.low, point.*member);
      range.high = std::max(range.high, point.*member);
    }
  }
  if (range.low > range.high) return Range{};
  if (const double least = std::max(1e-9, 1e-9 * std::fabs(range.high)); range.high - range.low < least) {
    const double room = std::max(0.5, 0.1 * std::fabs(range.high));
    range.low -= room;
    range.high += room;
  }
  range.step = round_step(range.high - range.low, steps);
  if (to_steps) {
    range.low = std::floor(range.low / range.step) * range.step;
    range.high = std::ceil(range.high / range.step) * range.step;
  }
  return range;
}

// "0.25", "1,200", "1.5e+09"; as many decimals as the step needs.
std::string number(double value, double step) {
  if (std::fabs(value) < step * 1e-9) value = 0;
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
  char text[64];
  if (std::fabs(value) >= 1e9 || (step < 1e-6)) {
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
  }
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string result = text;
  const std::size_t point = std::min(result.find('.'), result.size());
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = point; at > first + 3; at -= 3) result.insert(at - 3, 1, ',');
  return result;
}

class ChartDrawing {
 public:
  ChartDrawing(const Chart& chart, Canvas& canvas)
      : chart_(chart),
        canvas_(canvas),
        x_(range_of(chart, &std::pair<double, double>::first, std::max(2, chart.width / 130), false)),
        y_(range_of(chart, &std::pair<double, double>::second, std::max(2, chart.height / 80), true)),
        right_(chart.width - kRight),
        bottom_(chart.height - kBottom),
        entries_(legend_entries()),
        top_(kTop + (entries_.empty() ? 0 : entries_.back().y)) {}

  void draw() {
    axes();
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      dash(i);
      curve(chart_.series[i], palette(i));
    }
    titles();
    legend();
  }

 private:
  // Where a series is named. Units: pixels; y from the first line of the legend.
  struct LegendEntry {
    std::string name;
    double x = 0, y = 0;
  };

  double x_at(double x) const { return kLeft + (x - x_.low) / (x_.high - x_.low) * (right_ - kLeft); }
  double y_at(double y) const { return bottom_ - (y - y_.low) / (y_.high - y_.low) * (bottom_ - top_); }

  void axes() {
    for (double y = y_.low; y <= y_.high + y_.step / 2; y += y_.step) {
      const double at = std::round(y_at(y)) + 0.5;
      canvas_.line({kLeft, at, right_, at}, 1, kGrid);
      canvas_.text(kLeft - 10, at + 4, number(y, y_.step), {.size = 12, .colour = kQuietInk, .align = Align::right});
    }
    for (double x = std::ceil(x_.low / x_.step - 1e-9) * x_.step; x <= x_.high + x_.step * 1e-9; x += x_.step) {
      const double at = std::round(x_at(x)) + 0.5;
      canvas_.line({at, bottom_, at, bottom_ + 5}, 1, kAxis);
      canvas_.text(at, bottom_ + 20, number(x, x_.step), {.size = 12, .colour = kQuietInk, .align = Align::centre});
    }
    canvas_.line({kLeft, bottom_ + 0.5, right_, bottom_ + 0.5}, 1, kAxis);
  }

  void curve(const ChartSeries& series, Colour colour) {
    cairo_t* cairo = canvas_.cairo();
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_width(cairo, 2);
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    bool is_down = false;
    for (const auto& point : series.points) {
      if (!is_drawable(point)) {
        is_down = false;
        continue;
      }
      (is_down ? cairo_line_to : cairo_move_to)(cairo, x_at(point.first), y_at(point.second));
      is_down = true;
    }
    cairo_stroke(cairo);
    dash(0);
    if (series.points.size() > 40) return;
    for (const auto& point : series.points) {
      if (is_drawable(point)) canvas_.fill_rounded({x_at(point.first) - 3, y_at(point.second) - 3, 6, 6}, 3, colour);
    }
  }

  void titles() {
    canvas_.text(kLeft, 34, chart_.title, {.size = 18, .is_bold = true});
    canvas_.text((kLeft + right_) / 2, chart_.height - 16, chart_.x_label,
                 {.size = 13, .colour = kInk, .align = Align::centre});
    canvas_.text_upwards(22, (top_ + bottom_) / 2, chart_.y_label,
                         {.size = 13, .colour = kInk, .align = Align::centre});
  }

  // As many lines as the names need; the drawing begins below them.
  std::vector<LegendEntry> legend_entries() {
    std::vector<LegendEntry> entries;
    double x = kLeft, y = 0;
    for (const ChartSeries& series : chart_.series) {
      const std::string name = printable(series.name, 40);
      const double width = kLegendSample + canvas_.text_width(name, kLegendStyle);
      if (x > kLeft && x + width > right_) {
        x = kLeft;
        y += kLegendLine;
      }
      entries.push_back({name, x, y});
      x += width + kLegendGap;
    }
    return entries;
  }

  void legend() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto& [name, x, y] = entries_[i];
      dash(i);
      canvas_.line({x, y + 55.5, x + 22, y + 55.5}, 3, palette(i));
      dash(0);
      canvas_.text(x + kLegendSample, y + 60, name, kLegendStyle);
    }
  }

  // The palette repeats after eight series: from then on they are dashed, more finely each time.
  void dash(std::size_t series) {
    const double length = 9.0 / static_cast<double>(std::max<std::size_t>(1, series / kColours));
    cairo_set_dash(canvas_.cairo(), &length, series < kColours ? 0 : 1, 0);
  }

  const Chart& chart_;
  Canvas& canvas_;
  Range x_, y_;
  double right_, bottom_;
  std::vector<LegendEntry> entries_;
  double top_;
};

}  // namespace

Status write_chart(const Chart& chart, const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const std::unique_ptr<Canvas> canvas, Canvas::create(path, chart.width, chart.height));
  ChartDrawing(chart, *canvas).draw();
  return canvas->save();
}

}  // namespace continuo::render
