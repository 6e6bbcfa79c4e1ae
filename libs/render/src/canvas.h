#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <cairo.h>

#include "continuo/base/result.h"

namespace continuo::render {

// Range: 0 to 1 each.
struct Colour {
  double red = 0, green = 0, blue = 0;
  // This colour laid over white. Range: strength 0 (white) to 1.
  Colour over_white(double strength) const;
  Colour darker(double factor) const { return {red * factor, green * factor, blue * factor}; }
};

inline constexpr Colour kInk{0.13, 0.14, 0.17};
inline constexpr Colour kQuietInk{0.42, 0.44, 0.48};
inline constexpr Colour kPaper{1, 1, 1};

// Told apart with every common colour vision. Source: Okabe and Ito, "Color Universal Design" (2008); yellow and black
// are replaced by an olive and a grey that read as lines on white. Repeats after eight.
Colour palette(std::size_t index);

enum class Align { left, centre, right };

struct TextStyle {
  double size = 12;
  Colour colour = kInk;
  Align align = Align::left;
  bool is_bold = false;
};

// A sheet of white paper that becomes a PNG or an SVG by the file's extension; what is drawn is the same for both.
// Units: pixels, from the top left. Not copyable.
class Canvas {
 public:
  // Errors: unsupported (extension), invalid_argument (size), too_large.
  static Result<std::unique_ptr<Canvas>> create(const std::filesystem::path& path, int width, int height);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void fill_rectangle(double x, double y, double width, double height, Colour colour);
  // Requires: radius at most half of width and height.
  void fill_rounded(std::array<double, 4> x_y_width_height, double radius, Colour colour);
  void line(std::array<double, 4> from_to, double width, Colour colour);
  void text(double x, double baseline, std::string_view text, const TextStyle& style);
  // Around the middle, read from below.
  void text_upwards(double x, double y, std::string_view text, const TextStyle& style);
  double text_width(std::string_view text, const TextStyle& style);
  // For paths; the caller leaves no state behind.
  cairo_t* cairo() { return cairo_; }

  // Errors: io, no_space.
  Status save();

 private:
  Canvas() = default;
  void apply(const TextStyle& style);
  std::filesystem::path path_;
  bool is_svg_ = false;
  std::string bytes_;  // what the SVG surface has written
  cairo_surface_t* surface_ = nullptr;
  cairo_t* cairo_ = nullptr;
};

// The text with what is not UTF-8 or not printable replaced, and cut to `limit` characters with an ellipsis.
std::string printable(std::string_view text, std::size_t limit);

// The round step (1, 2 or 5 times a power of ten) that divides `span` into about `count` parts. Requires: span > 0.
double round_step(double span, int count);

}  // namespace continuo::render
