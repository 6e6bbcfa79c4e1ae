// What pictures show, compared with lists of their shapes in tests/cases. A picture that changes on purpose gets a new
// list by CONTINUO_UPDATE_CASES=1 continuo_render_tests --gtest_filter='Drawing*'; look at its difference.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/render/chart.h"
#include "continuo/render/piano_roll.h"

namespace continuo::render {
namespace {
namespace fs = std::filesystem;

using score::Score;
using score::Ticks;

// A property of a shape, as an attribute of its own or within "style", as versions of cairo have it.
std::string property(const pugi::xml_node& node, const std::string& name) {
  if (const auto attribute = node.attribute(name.c_str())) return attribute.value();
  const std::string style = std::string(";") + node.attribute("style").value();
  std::string compact;
  for (const char c : style) {
    if (c != ' ') compact += c;
  }
  const std::size_t found = compact.find(";" + name + ":");
  if (found == std::string::npos) return "";
  const std::size_t begin = found + name.size() + 2;
  return compact.substr(begin, compact.find(';', begin) - begin);
}

std::string rounded(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number == 0 ? 0 : number);
  return std::string(text) == "-0.0" ? "0.0" : text;
}

// "rgb(20%,30.2%,40%)" as "20 30 40".
std::string colour(const std::string& rgb) {
  std::string text;
  for (std::size_t at = rgb.find('('); at != std::string::npos && at + 1 < rgb.size(); at = rgb.find(',', at + 1)) {
    text += (text.empty() ? "" : " ") + std::to_string(std::lround(std::strtod(rgb.c_str() + at + 1, nullptr)));
  }
  return text;
}

std::vector<double> numbers_in(const std::string& path) {
  std::vector<double> numbers;
  for (const char* at = path.c_str(); *at != '\0';) {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    if (end != at) numbers.push_back(number);
    at = end != at ? end : at + 1;
  }
  return numbers;
}

// "fill 20 30 40: 10.5 20.0 40.5 60.0, from 10.5 20.0, 10 numbers": colour, box, first point. Corners that are rounded
// differently begin at another point.
std::string shape(const pugi::xml_node& node) {
  const std::string fill = property(node, "fill");
  const bool filled = !fill.empty() && fill != "none";
  std::string text = filled ? "fill " + colour(fill)
                            : "line " + rounded(std::strtod(property(node, "stroke-width").c_str(), nullptr)) + " of " +
                                  colour(property(node, "stroke"));
  const std::vector<double> numbers = numbers_in(node.attribute("d").value());
  double left = HUGE_VAL, top = HUGE_VAL, right = -HUGE_VAL, bottom = -HUGE_VAL;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    left = std::min(left, numbers[i]);
    right = std::max(right, numbers[i]);
    top = std::min(top, numbers[i + 1]);
    bottom = std::max(bottom, numbers[i + 1]);
  }
  if (numbers.size() < 2) return text;
  const std::string count = std::to_string(numbers.size()) + " numbers";
  // Where the marks of a legend are depends on how wide its names are.
  if (bottom < 70)
    return text + ": " + rounded(right - left) + " wide, " + rounded(top) + " " + rounded(bottom) + ", " + count;
  return text + ": " + rounded(left) + " " + rounded(top) + " " + rounded(right) + " " + rounded(bottom) + ", from " +
         rounded(numbers[0]) + " " + rounded(numbers[1]) + ", " + count;
}

// Letters differ between machines in their shape and width, so of a text its colour, its baseline and the numbers of
// its letters are listed: cairo numbers the fonts (each size is one) and the letters of each as they first occur.
std::string text_run(const pugi::xml_node& node) {
  std::string letters;
  for (const pugi::xml_node& use : node.children("use")) {
    const std::string reference = use.attribute("xlink:href").value();
    const std::size_t font = reference.find_first_of("0123456789"), dash = reference.rfind('-');
    letters += letters.empty() ? reference.substr(font, dash - font) + ":" : ",";
    letters += reference.substr(dash + 1);
  }
  const auto first = node.child("use"), last = node.last_child();
  const bool is_upwards = first.attribute("y").as_double() != last.attribute("y").as_double();
  return "text " + letters + " in " + colour(property(node, "fill")) + ": " +
         (is_upwards ? "upwards at " + rounded(first.attribute("x").as_double())
                     : rounded(first.attribute("y").as_double()));
}

void list_shapes(const pugi::xml_node& parent, std::string& list) {
  for (const pugi::xml_node& node : parent.children()) {
    const std::string name = node.name();
    if (name == "path") {
      list += shape(node) + "\n";
    } else if (name == "g" && node.child("use")) {
      list += text_run(node) + "\n";
    } else if (name == "g") {
      list_shapes(node, list);
    }
  }
}

class Drawing : public testing::Test {
 protected:
  Drawing() : picture_(fs::temp_directory_path() / ("continuo-drawing-" + platform::unique_suffix() + ".svg")) {}
  ~Drawing() override { fs::remove(picture_); }

  void expect_case(const std::string& name) {
    pugi::xml_document document;
    ASSERT_TRUE(document.load_file(picture_.c_str()));
    std::string list;
    list_shapes(document.document_element(), list);
    const fs::path file = fs::path(CONTINUO_TEST_DIR) / "cases" / (name + ".txt");
    if (std::getenv("CONTINUO_UPDATE_CASES") != nullptr) ASSERT_TRUE(write_file(file, std::string_view(list)).ok());
    const auto expected = read_text_file(file);
    ASSERT_TRUE(expected.ok()) << expected.error().to_line();
    EXPECT_EQ(list, *expected) << name;
  }
  void expect_roll(const std::string& name, const Score& score, const PianoRollOptions& options) {
    PianoRollOptions titled = options;
    if (titled.title.empty()) titled.title = "piece";  // and not the name of a temporary file
    ASSERT_TRUE(write_piano_roll(score, picture_, titled).ok());
    expect_case(name);
  }
  void expect_chart(const std::string& name, const Chart& chart) {
    ASSERT_TRUE(write_chart(chart, picture_).ok());
    expect_case(name);
  }

  fs::path picture_;
};

TEST_F(Drawing, PianoRollOfPitchesAndDrums) {
  Score score;
  score.title = "Two bars";
  score.key_signatures = {{Ticks(0), 1, false}};
  score.tracks.resize(2);
  score.tracks[0].name = "Lead";
  score.tracks[0].notes = {
      {Ticks(0), Ticks(960), 60, 110}, {Ticks(960), Ticks(10), 65, 40}, {Ticks(1920), Ticks(1900), 84, 127}};
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {
      {Ticks(0), Ticks(60), 36, 100}, {Ticks(480), Ticks(60), 38, 20}, {Ticks(960), Ticks(60), 99, 127}};
  expect_roll("roll_pitches_and_drums", score, {.width = 700, .row_height = 7});
}

TEST_F(Drawing, PianoRollOfHighestAndLowestNotesInThinRows) {
  for (const int pitch : {0, 127}) {
    Score score;
    score.tracks.resize(1);
    score.tracks[0].notes = {{Ticks(0), Ticks(480), static_cast<std::uint8_t>(pitch), 80}};
    expect_roll("roll_of_pitch_" + std::to_string(pitch), score, {.width = 300, .row_height = 2});
  }
}

TEST_F(Drawing, PianoRollOfDrumsAlone) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].is_drum = true;
  score.tracks[0].notes = {{Ticks(0), Ticks(60), 36, 100}, {Ticks(480 * 12), Ticks(60), 42, 60}};
  score.time_signatures = {{Ticks(0), 3, 4}};
  expect_roll("roll_drums_alone", score, {.width = 900, .row_height = 7});
}

TEST_F(Drawing, PianoRollOfManyBarsAndManyTracks) {
  Score score;
  score.tracks.resize(6);
  score.tempos = {{Ticks(0), 400000}, {Ticks(1920 * 50), 800000}};
  for (std::size_t t = 0; t < 6; ++t) {
    score.tracks[t].notes = {{Ticks(1920 * 20 * std::int64_t(t)), Ticks(1920), std::uint8_t(50 + t), 90}};
  }
  expect_roll("roll_many_bars", score, {.width = 500, .row_height = 3});
}

TEST_F(Drawing, ChartOfTwoLines) {
  Chart chart{.title = "Loss", .x_label = "step", .y_label = "nats", .series = {{"training", {}}, {"validation", {}}}};
  for (int i = 0; i <= 10; ++i) chart.series[0].points.emplace_back(i * 150, 1 + 0.3 * (10 - i));
  chart.series[1].points = {{0, 4.2}, {500, NAN}, {700, 2.5}, {1500, 1.7}};
  expect_chart("chart_two_lines", chart);
}

TEST_F(Drawing, ChartOfManyLinesHasALegendOfSeveralRowsAndDashesWhatRepeatsAColour) {
  Chart chart{.title = "Runs", .x_label = "tokens", .y_label = "nats", .width = 500, .height = 400};
  for (int i = 0; i < 10; ++i) {
    const double level = 1 + i;
    chart.series.push_back({"a run number " + std::to_string(i), {{0, level + 1}, {10, level}}});
  }
  expect_chart("chart_many_lines", chart);
  const auto text = read_text_file(picture_);
  ASSERT_TRUE(text.ok());
  std::size_t dashed = 0;
  for (auto at = text->find("stroke-dasharray"); at != std::string::npos; at = text->find("stroke-dasharray", at + 1)) {
    ++dashed;
  }
  EXPECT_EQ(dashed, 4U) << "two curves, and their samples in the legend";
}

TEST_F(Drawing, ChartsOfOddNumbers) {
  const std::vector<std::vector<std::pair<double, double>>> points = {{},
                                                                      {{1, 2}},
                                                                      {{0, 5}, {1, 5}},
                                                                      {{0, -1500}, {12000, 2500000}},
                                                                      {{0, 1e-8}, {1e12, 3e-8}},
                                                                      {{-2, -0.003}, {2, 0.004}}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    Chart chart{.title = "odd", .series = {{"s", points[i]}}, .width = 400, .height = 300};
    expect_chart("chart_odd_" + std::to_string(i), chart);
  }
}

}  // namespace
}  // namespace continuo::render
