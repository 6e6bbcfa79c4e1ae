#include "continuo/render/piano_roll.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>
#include <vector>

#include "continuo/score/bar_grid.h"
#include "continuo/score/general_midi.h"

#include "canvas.h"

namespace continuo::render {
namespace {

using score::Note;
using score::Score;
using score::Ticks;
using score::Track;

constexpr Colour kBlackKeyRow{0.958, 0.963, 0.972};
constexpr Colour kRowLine{0.925, 0.93, 0.94};
constexpr Colour kOctaveLine{0.80, 0.815, 0.84};
constexpr Colour kBeatLine{0.93, 0.935, 0.945};
constexpr Colour kBarLine{0.82, 0.83, 0.85};
constexpr Colour kStrongBarLine{0.66, 0.68, 0.71};
constexpr Colour kFrame{0.55, 0.57, 0.60};
constexpr Colour kNewMusic{0.75, 0.15, 0.15};
constexpr double kTop = 92, kBottom = 44, kRight = 28, kStripGap = 12, kDrumRow = 15;

std::string drum_label(int pitch) {
  const auto name = score::drum_name(static_cast<std::uint8_t>(pitch));
  return name.empty() ? "Drum " + std::to_string(pitch) : std::string(name);
}

// The track's own name, or else its instrument.
std::string part_name(const Track& track) {
  constexpr std::size_t kMostLetters = 22;
  if (!track.name.empty()) return printable(track.name, kMostLetters);
  return track.is_drum ? "Drums" : std::string(score::program_name(track.program));
}

std::string title_of(const Score& score, const std::filesystem::path& path, const PianoRollOptions& options) {
  constexpr std::size_t kMostLetters = 70;
  if (!score.title.empty()) return printable(score.title, kMostLetters);
  return printable(options.title.empty() ? path.stem().string() : options.title, kMostLetters);
}

bool is_black_key(int pitch) { return (0b010101001010 >> (pitch % 12) & 1) != 0; }

std::string clock_time(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  return text;
}

// "12 bars · 4/4 · G major · 120 bpm · 0:24"
std::string summary(const Score& score, const score::BarGrid& grid) {
  const std::string dot = "  \xC2\xB7  ";
  const score::TimeSignature meter = grid.bars().front().time_signature;
  const std::size_t bars = grid.bars().size();
  std::string text = std::to_string(bars) + (bars == 1 ? " bar" : " bars") + dot + std::to_string(meter.numerator) +
                     "/" + std::to_string(meter.denominator);
  if (!score.key_signatures.empty()) text += dot + score.key_signatures.front().name();
  text += dot + std::to_string(std::lround(score.tempo_map().at(Ticks(0)).quarters_per_minute())) + " bpm";
  text += dot + std::to_string(score.note_count()) + " notes" + dot + clock_time(score.duration().value);
  return text;
}

class PianoRoll {
 public:
  // Requires: `title` is shown as it is.
  PianoRoll(const Score& score, std::string title, const PianoRollOptions& options)
      : score_(score),
        title_(std::move(title)),
        grid_(score),
        options_(options),
        ticks_(std::max<double>(1, static_cast<double>(score.end().value))) {
    int low = 127, high = 0;
    for (const Track& track : score.tracks) {
      for (const Note& note : track.notes) {
        if (track.is_drum) {
          drums_.insert(note.pitch);
        } else {
          low = std::min<int>(low, note.pitch);
          high = std::max<int>(high, note.pitch);
        }
      }
    }
    has_pitches_ = low <= high;
    if (has_pitches_) choose_range(low, high);
    left_ = drums_.empty() ? 62 : 128;
    right_ = options.width - kRight;
  }

  int height() const { return static_cast<int>(std::lround(strip_bottom() + kBottom)); }

  void draw(Canvas& canvas) {
    canvas_ = &canvas;
    if (has_pitches_) rows();
    if (!drums_.empty()) drum_rows();
    bars();
    notes();
    if (options_.new_from) new_music(*options_.new_from);
    if (has_pitches_) keyboard();
    header();
    clock();
  }

 private:
  // At least two octaves, with a little air above and below.
  void choose_range(int low, int high) {
    low_ = std::max(0, low - 2);
    high_ = std::min(127, high + 2);
    while (high_ - low_ < 24) {
      low_ = std::max(0, low_ - 1);
      if (high_ - low_ < 24) high_ = std::min(127, high_ + 1);
    }
  }

  double roll_bottom() const { return kTop + (has_pitches_ ? (high_ - low_ + 1) * options_.row_height : 0); }
  double strip_top() const { return roll_bottom() + (has_pitches_ && !drums_.empty() ? kStripGap : 0); }
  double strip_bottom() const { return strip_top() + kDrumRow * static_cast<double>(drums_.size()); }
  double x_at(Ticks time) const { return left_ + static_cast<double>(time.value) / ticks_ * (right_ - left_); }
  double y_at(int pitch) const { return kTop + (high_ - pitch) * options_.row_height; }
  double drum_y(int pitch) const {
    return strip_bottom() - kDrumRow * static_cast<double>(1 + std::distance(drums_.begin(), drums_.find(pitch)));
  }

  void rows() {
    for (int pitch = low_; pitch <= high_; ++pitch) {
      const double bottom = y_at(pitch) + options_.row_height;
      if (is_black_key(pitch))
        canvas_->fill_rectangle(left_, y_at(pitch), right_ - left_, options_.row_height, kBlackKeyRow);
      if (pitch % 12 == 5) canvas_->line({left_, bottom, right_, bottom}, 1, kRowLine);
      if (pitch % 12 == 0) canvas_->line({left_, bottom, right_, bottom}, 1, kOctaveLine);
    }
  }

  void drum_rows() {
    for (const int pitch : drums_) {
      const double y = drum_y(pitch);
      canvas_->line({left_, y + kDrumRow, right_, y + kDrumRow}, 1, kRowLine);
      canvas_->text(left_ - 10, y + kDrumRow - 4, drum_label(pitch),
                    {.size = 10.5, .colour = kQuietInk, .align = Align::right});
    }
  }

  void vertical(double x, Colour colour, double above = 0) {
    const double at = std::round(x) + 0.5;
    if (has_pitches_) canvas_->line({at, kTop - above, at, roll_bottom()}, 1, colour);
    if (!drums_.empty()) canvas_->line({at, strip_top(), at, strip_bottom()}, 1, colour);
  }

  // Lines and numbers as dense as they stay legible.
  void bars() {
    const std::vector<score::Bar>& all = grid_.bars();
    const double spacing = (right_ - left_) / static_cast<double>(all.size());
    std::size_t numbered = 1;
    for (const std::size_t step : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 1 << 30}) {
      numbered = step;
      if (spacing * static_cast<double>(step) >= 34) break;
    }
    double last_number = -HUGE_VAL;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double x = x_at(all[i].onset);
      if (x > right_) break;
      const bool has_number = i % numbered == 0 && x - last_number >= 22;
      if (spacing >= 48) beats(all[i]);
      if (spacing >= 5 || has_number) vertical(x, has_number && numbered > 1 ? kStrongBarLine : kBarLine);
      if (!has_number) continue;
      last_number = x;
      canvas_->text(x + 3, kTop - 7, std::to_string(i + 1), {.size = 11, .colour = kQuietInk});
    }
  }

  void beats(const score::Bar& bar) {
    const int count = bar.time_signature.numerator;
    const Ticks beat = bar.time_signature.bar_length(score_.ticks_per_quarter) / count;
    for (Ticks at = bar.onset + beat; beat.value > 0 && at < bar.end() && x_at(at) < right_; at += beat)
      vertical(x_at(at), kBeatLine);
  }

  // The first tracks lie on top.
  void notes() {
    for (std::size_t t = score_.tracks.size(); t-- > 0;) {
      const Track& track = score_.tracks[t];
      for (const Note& note : track.notes) track.is_drum ? hit(note, palette(t)) : bar_of(note, palette(t));
    }
  }

  // A line across all rows, with a flag above the numbers of the bars.
  void new_music(Ticks from) {
    const double x = std::round(x_at(from)) + 0.5;
    canvas_->line({x, kTop - 22, x, strip_bottom()}, 1.6, kNewMusic);
    const bool is_near_the_end = x > right_ - 80;
    canvas_->text(x + (is_near_the_end ? -6 : 6), kTop - 22, "new music",
                  {.size = 11.5, .colour = kNewMusic, .align = is_near_the_end ? Align::right : Align::left});
  }

  static Colour shade(const Note& note, Colour colour) {
    return colour.over_white(0.30 + 0.70 * std::min(1.0, note.velocity / 110.0));
  }

  void bar_of(const Note& note, Colour colour) {
    const double x = x_at(note.onset);
    const double width = std::max(1.2, x_at(note.end()) - x - 0.6);
    const double height = options_.row_height;
    const double y = y_at(note.pitch);
    if (width < 4 || height < 4) return canvas_->fill_rectangle(x, y, width, height, shade(note, colour));
    const double radius = std::min({2.5, width / 2, height / 2 - 0.5});
    canvas_->fill_rounded({x, y, width, height}, radius, colour.darker(0.72));
    canvas_->fill_rounded({x + 0.7, y + 0.7, width - 1.4, height - 1.4}, radius - 0.5, shade(note, colour));
  }

  void hit(const Note& note, Colour colour) {
    const double spacing = (right_ - left_) / ticks_ * score_.ticks_per_quarter / 4;
    const double width = std::clamp(spacing - 1.5, 2.0, 8.0);
    const double height = kDrumRow * (0.35 + 0.45 * std::min(1.0, note.velocity / 110.0));
    const double y = drum_y(note.pitch) + (kDrumRow - height) / 2;
    canvas_->fill_rounded({x_at(note.onset), y, width, height}, std::min(2.0, width / 2), shade(note, colour));
  }

  void keyboard() {
    const double right = left_ - 4, width = 26, left = right - width;
    canvas_->fill_rectangle(left, kTop, width, roll_bottom() - kTop, kPaper);
    for (int pitch = low_; pitch <= high_; ++pitch) {
      const double y = y_at(pitch), bottom = y + options_.row_height;
      const int note = pitch % 12;
      if (is_black_key(pitch))
        canvas_->fill_rectangle(left, y, width * 0.62, options_.row_height, Colour{0.20, 0.21, 0.24});
      if (note == 0 || note == 5) canvas_->line({left, bottom, right, bottom}, 1, kBarLine);
      if (note == 0) {
        canvas_->text(left - 6, bottom - 0.5, "C" + std::to_string(pitch / 12 - 1),
                      {.size = 11, .colour = kInk, .align = Align::right, .is_bold = pitch == 60});
      }
    }
    canvas_->line({left, kTop, right, kTop}, 1, kFrame);
    canvas_->line({left, roll_bottom(), right, roll_bottom()}, 1, kFrame);
    canvas_->line({left, kTop, left, roll_bottom()}, 1, kFrame);
    canvas_->line({right, kTop, right, roll_bottom()}, 1, kFrame);
  }

  void header() {
    canvas_->text(20, 32, title_, {.size = 19, .is_bold = true});
    canvas_->text(20, 54, summary(score_, grid_), {.size = 12.5, .colour = kQuietInk});
    legend();
  }

  // From the right edge leftwards, as many tracks as there is room for beside the title.
  void legend() {
    const TextStyle style{.size = 12.5};
    const double limit = 40 + std::max(canvas_->text_width(title_, {.size = 19, .is_bold = true}), 180.0);
    std::vector<std::pair<std::size_t, std::string>> entries;
    double width = 0;
    for (std::size_t t = 0; t < score_.tracks.size(); ++t) {
      const Track& track = score_.tracks[t];
      if (track.notes.empty()) continue;
      const std::string name = part_name(track);
      const double entry = canvas_->text_width(name, style) + 42;
      if (right_ - width - entry < limit + 60) {
        entries.emplace_back(~std::size_t{0}, "\xE2\x80\xA6");
        width += 30;
        break;
      }
      entries.emplace_back(t, name);
      width += entry;
    }
    double x = right_ - width + 16;
    for (const auto& [t, name] : entries) {
      if (t != ~std::size_t{0}) canvas_->fill_rounded({x, 22, 12, 12}, 2.5, palette(t));
      canvas_->text(x + 18, 32, name, style);
      x += canvas_->text_width(name, style) + 42;
    }
  }

  void clock() {
    const score::TempoMap tempo_map = score_.tempo_map();
    const double total = std::max(0.001, tempo_map.to_seconds(score_.end()).value);
    double step = 3600;
    for (const double candidate : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800}) {
      if (total / candidate * 58 > right_ - left_) continue;
      step = candidate;
      break;
    }
    const double y = strip_bottom();
    canvas_->line({left_, y + 0.5, right_, y + 0.5}, 1, kFrame);
    double last = -HUGE_VAL;
    for (double seconds = 0; seconds <= total; seconds += step) {
      const double x = x_at(tempo_map.to_ticks(score::Seconds(seconds)));
      if (x > right_ + 0.5 || x - last < 36) continue;
      last = x;
      canvas_->line({std::round(x) + 0.5, y, std::round(x) + 0.5, y + 5}, 1, kFrame);
      canvas_->text(x, y + 19, clock_time(seconds), {.size = 11, .colour = kQuietInk, .align = Align::centre});
    }
  }

  const Score& score_;
  std::string title_;
  score::BarGrid grid_;
  const PianoRollOptions& options_;
  double ticks_;
  std::set<int> drums_;
  bool has_pitches_ = false;
  int low_ = 60, high_ = 60;
  double left_ = 0, right_ = 0;
  Canvas* canvas_ = nullptr;
};

}  // namespace

Status write_piano_roll(const Score& score, const std::filesystem::path& path, const PianoRollOptions& options) {
  if (score.note_count() == 0) return Error{ErrorCode::no_notes, "there are no notes to draw", {}, path.string()};
  if (options.row_height < 1 || options.row_height > 100) {
    return Error{ErrorCode::invalid_argument, "the height of a row must be from 1 to 100 pixels", {}, path.string()};
  }
  PianoRoll roll(score, title_of(score, path, options), options);
  CONTINUO_ASSIGN(const std::unique_ptr<Canvas> canvas,
                  Canvas::create(path, options.width, std::max(200, roll.height())));
  roll.draw(*canvas);
  return canvas->save();
}

}  // namespace continuo::render
