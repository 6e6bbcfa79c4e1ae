#include "canvas.h"

#include <cmath>
#include <numbers>

#include <cairo-svg.h>

#include "continuo/base/file.h"

namespace continuo::render {
namespace {

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void set_colour(cairo_t* cairo, Colour colour) { cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue); }

// cairo numbers its surfaces through the life of the process; a picture does not depend on how many came before.
void forget_surface_number(std::string& svg) {
  constexpr std::string_view id = "id=\"surface";
  const std::size_t begin = svg.find(id);
  if (begin == svg.npos) return;
  const std::size_t digits = begin + id.size();
  const std::size_t end = svg.find('"', digits);
  if (end != svg.npos) svg.erase(digits, end - digits);
}

// The length of the UTF-8 sequence at `at`; 0 where there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(at);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  }
  if (lead == 0xE0 && byte(at + 1) < 0xA0) return 0;
  if (lead == 0xED && byte(at + 1) >= 0xA0) return 0;
  if (lead == 0xF0 && byte(at + 1) < 0x90) return 0;
  if (lead == 0xF4 && byte(at + 1) >= 0x90) return 0;
  return length;
}

}  // namespace

Colour Colour::over_white(double strength) const {
  return {1 - strength * (1 - red), 1 - strength * (1 - green), 1 - strength * (1 - blue)};
}

Colour palette(std::size_t index) {
  static constexpr std::array<Colour, 8> colours = {Colour{0.000, 0.447, 0.698}, Colour{0.835, 0.369, 0.000},
                                                    Colour{0.000, 0.620, 0.451}, Colour{0.800, 0.475, 0.655},
                                                    Colour{0.902, 0.624, 0.000}, Colour{0.337, 0.706, 0.914},
                                                    Colour{0.550, 0.510, 0.100}, Colour{0.350, 0.350, 0.380}};
  return colours[index % colours.size()];
}

Result<std::unique_ptr<Canvas>> Canvas::create(const std::filesystem::path& path, int width, int height) {
  const std::string extension = path.extension().string();
  if (extension != ".png" && extension != ".svg") {
    return Error{ErrorCode::unsupported, "pictures are written as .png or .svg", {}, path.string()};
  }
  if (width < 200 || height < 120 || width > 30000 || height > 30000) {
    return Error{
        ErrorCode::invalid_argument, "a picture must be from 200 x 120 to 30000 x 30000 pixels", {}, path.string()};
  }
  std::unique_ptr<Canvas> canvas(new Canvas);
  canvas->path_ = path;
  canvas->is_svg_ = extension == ".svg";
  canvas->surface_ = canvas->is_svg_ ? cairo_svg_surface_create_for_stream(append, &canvas->bytes_, width, height)
                                     : cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  if (cairo_surface_status(canvas->surface_) != CAIRO_STATUS_SUCCESS) {
    return Error{ErrorCode::too_large, "there is no memory for a picture of this size", {}, path.string()};
  }
  canvas->cairo_ = cairo_create(canvas->surface_);
  canvas->fill_rectangle(0, 0, width, height, kPaper);
  return canvas;
}

Canvas::~Canvas() {
  if (cairo_ != nullptr) cairo_destroy(cairo_);
  if (surface_ != nullptr) cairo_surface_destroy(surface_);
}

void Canvas::fill_rectangle(double x, double y, double width, double height, Colour colour) {
  set_colour(cairo_, colour);
  cairo_rectangle(cairo_, x, y, width, height);
  cairo_fill(cairo_);
}

void Canvas::fill_rounded(std::array<double, 4> box, double radius, Colour colour) {
  const auto [x, y, width, height] = box;
  const double quarter = std::numbers::pi / 2;
  set_colour(cairo_, colour);
  cairo_new_sub_path(cairo_);
  cairo_arc(cairo_, x + width - radius, y + radius, radius, -quarter, 0);
  cairo_arc(cairo_, x + width - radius, y + height - radius, radius, 0, quarter);
  cairo_arc(cairo_, x + radius, y + height - radius, radius, quarter, 2 * quarter);
  cairo_arc(cairo_, x + radius, y + radius, radius, 2 * quarter, 3 * quarter);
  cairo_close_path(cairo_);
  cairo_fill(cairo_);
}

void Canvas::line(std::array<double, 4> from_to, double width, Colour colour) {
  set_colour(cairo_, colour);
  cairo_set_line_width(cairo_, width);
  cairo_move_to(cairo_, from_to[0], from_to[1]);
  cairo_line_to(cairo_, from_to[2], from_to[3]);
  cairo_stroke(cairo_);
}

void Canvas::apply(const TextStyle& style) {
  cairo_select_font_face(cairo_, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         style.is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo_, style.size);
  set_colour(cairo_, style.colour);
}

double Canvas::text_width(std::string_view text, const TextStyle& style) {
  apply(style);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_, printable(text, 200).c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(double x, double baseline, std::string_view text, const TextStyle& style) {
  const double width = style.align == Align::left ? 0 : text_width(text, style);
  apply(style);
  cairo_move_to(cairo_, x - (style.align == Align::centre ? width / 2 : width), baseline);
  cairo_show_text(cairo_, printable(text, 200).c_str());
}

void Canvas::text_upwards(double x, double y, std::string_view content, const TextStyle& style) {
  cairo_save(cairo_);
  cairo_translate(cairo_, x, y);
  cairo_rotate(cairo_, -std::numbers::pi / 2);
  text(0, 0, content, style);
  cairo_restore(cairo_);
}

Status Canvas::save() {
  cairo_destroy(cairo_);
  cairo_ = nullptr;
  std::string bytes;
  cairo_status_t status = cairo_surface_status(surface_);
  if (is_svg_) {
    cairo_surface_finish(surface_);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface_);
    bytes = std::move(bytes_);
    forget_surface_number(bytes);
  } else if (status == CAIRO_STATUS_SUCCESS) {
    status = cairo_surface_write_to_png_stream(surface_, append, &bytes);
  }
  if (status != CAIRO_STATUS_SUCCESS) {
    return Error{ErrorCode::io, std::string("cannot be drawn: ") + cairo_status_to_string(status), {}, path_.string()};
  }
  return write_file(path_, std::string_view(bytes));
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (count == limit) return result + "\xE2\x80\xA6";
    const std::size_t length = sequence_length(text, at);
    const bool is_control = length == 1 && (text[at] < ' ' || text[at] == 127);
    if (length == 0) {
      result += '?';
    } else if (is_control) {
      result += ' ';
    } else {
      result += text.substr(at, length);
    }
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

double round_step(double span, int count) {
  const double rough = span / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double ratio = rough / power;
  return power * (ratio <= 1.0 ? 1 : ratio <= 2.0 ? 2 : ratio <= 5.0 ? 5 : 10);
}

}  // namespace continuo::render
