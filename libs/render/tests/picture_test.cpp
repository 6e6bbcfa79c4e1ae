#include <cmath>
#include <filesystem>
#include <limits>
#include <pugixml.hpp>
#include <set>

#include <cairo.h>
#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/render/chart.h"
#include "continuo/render/piano_roll.h"

namespace continuo::render {
namespace {
namespace fs = std::filesystem;

using score::Score;
using score::Ticks;

Score small_score() {
  Score score;
  score.title = "Small <&> piece";
  score.tracks.resize(2);
  for (int i = 0; i < 16; ++i) {
    score.tracks[0].notes.push_back(
        {Ticks(480 * i), Ticks(480), static_cast<std::uint8_t>(60 + i), static_cast<std::uint8_t>(40 + 5 * i)});
  }
  score.tracks[0].name = std::string("bad utf-8 \xFF\xC3");
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {
      {Ticks(0), Ticks(60), 36, 100}, {Ticks(480), Ticks(60), 38, 60}, {Ticks(960), Ticks(60), 99, 127}};
  return score;
}

Chart small_chart() {
  Chart chart{.title = "Loss",
              .x_label = "step",
              .y_label = "nats per token",
              .series = {{"training", {}}, {"validation", {}}}};
  for (int i = 0; i <= 100; ++i) chart.series[0].points.emplace_back(i * 20, 1 + 3 * std::exp(-i / 20.0));
  for (int i = 0; i <= 10; ++i) chart.series[1].points.emplace_back(i * 200, 1.2 + 3 * std::exp(-i / 2.0));
  return chart;
}

class PictureTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("continuo_picture_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

// Width, height, and how many colours its pixels have.
struct Picture {
  int width = 0, height = 0;
  std::set<std::uint32_t> colours;
};

Picture load(const fs::path& path) {
  Picture picture;
  cairo_surface_t* surface = cairo_image_surface_create_from_png(path.c_str());
  EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS) << path;
  picture.width = cairo_image_surface_get_width(surface);
  picture.height = cairo_image_surface_get_height(surface);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; data != nullptr && y < picture.height; ++y) {
    const auto* row = reinterpret_cast<const std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
    for (int x = 0; x < picture.width; ++x) picture.colours.insert(row[x] & 0xFFFFFF);
  }
  cairo_surface_destroy(surface);
  return picture;
}

TEST_F(PictureTest, PianoRollPng_HasItsSizeAndColours) {
  ASSERT_TRUE(write_piano_roll(small_score(), folder_ / "a.png").ok());
  const auto bytes = *read_file(folder_ / "a.png");
  const std::vector<std::uint8_t> signature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  EXPECT_TRUE(std::equal(signature.begin(), signature.end(), bytes.begin()));
  const Picture picture = load(folder_ / "a.png");
  EXPECT_EQ(picture.width, 1600);
  EXPECT_GT(picture.height, 25 * 7);
  EXPECT_TRUE(picture.colours.contains(0xFFFFFF));
  EXPECT_GT(picture.colours.size(), 30u);
}

TEST_F(PictureTest, PianoRollVelocity_IsShaded) {
  Score quiet = small_score(), loud = small_score();
  for (score::Note& n : quiet.tracks[0].notes) n.velocity = 20;
  for (score::Note& n : loud.tracks[0].notes) n.velocity = 120;
  ASSERT_TRUE(write_piano_roll(quiet, folder_ / "quiet.png").ok());
  ASSERT_TRUE(write_piano_roll(loud, folder_ / "loud.png").ok());
  EXPECT_NE(*read_file(folder_ / "quiet.png"), *read_file(folder_ / "loud.png"));
}

TEST_F(PictureTest, Svg_IsXmlAndTheSameEveryTime) {
  for (const char* name : {"a.svg", "b.svg"}) {
    ASSERT_TRUE(write_piano_roll(small_score(), folder_ / name).ok());
    pugi::xml_document document;
    ASSERT_TRUE(document.load_file((folder_ / name).c_str()));
    EXPECT_STREQ(document.document_element().name(), "svg");
    EXPECT_GT(std::distance(document.document_element().begin(), document.document_element().end()), 0);
  }
  EXPECT_EQ(*read_file(folder_ / "a.svg"), *read_file(folder_ / "b.svg"));
  ASSERT_TRUE(write_chart(small_chart(), folder_ / "c.svg").ok());
  pugi::xml_document chart;
  EXPECT_TRUE(chart.load_file((folder_ / "c.svg").c_str()));
}

// Letters are drawn as outlines, so equal bytes are what shows that the texts are equal.
TEST_F(PictureTest, Title_IsTheScoresOrElseTheFiles) {
  Score score = small_score();
  score.title = "prelude";
  ASSERT_TRUE(write_piano_roll(score, folder_ / "named.svg").ok());
  score.title.clear();
  ASSERT_TRUE(write_piano_roll(score, folder_ / "prelude.svg").ok());
  ASSERT_TRUE(write_piano_roll(score, folder_ / "other.svg", {.title = "prelude"}).ok());
  ASSERT_TRUE(write_piano_roll(score, folder_ / "different.svg").ok());
  EXPECT_EQ(*read_file(folder_ / "named.svg"), *read_file(folder_ / "prelude.svg"));
  EXPECT_EQ(*read_file(folder_ / "named.svg"), *read_file(folder_ / "other.svg"));
  EXPECT_NE(*read_file(folder_ / "named.svg"), *read_file(folder_ / "different.svg"));
}

TEST_F(PictureTest, Parts_AreNamedByTrackOrInstrument) {
  Score score = small_score();
  score.tracks[0].program = 40;
  score.tracks[0].name.clear();
  ASSERT_TRUE(write_piano_roll(score, folder_ / "a.svg", {.title = "t"}).ok());
  score.tracks[0].name = "Violin";
  ASSERT_TRUE(write_piano_roll(score, folder_ / "b.svg", {.title = "t"}).ok());
  score.tracks[0].name = "Soprano";
  ASSERT_TRUE(write_piano_roll(score, folder_ / "c.svg", {.title = "t"}).ok());
  EXPECT_EQ(*read_file(folder_ / "a.svg"), *read_file(folder_ / "b.svg"));
  EXPECT_NE(*read_file(folder_ / "a.svg"), *read_file(folder_ / "c.svg"));
}

TEST_F(PictureTest, NewMusic_IsMarked) {
  ASSERT_TRUE(write_piano_roll(small_score(), folder_ / "plain.png").ok());
  ASSERT_TRUE(write_piano_roll(small_score(), folder_ / "marked.png", {.new_from = Ticks(1920)}).ok());
  constexpr std::uint32_t kNewMusic = 0xBF2626;
  EXPECT_FALSE(load(folder_ / "plain.png").colours.contains(kNewMusic));
  EXPECT_TRUE(load(folder_ / "marked.png").colours.contains(kNewMusic));
}

TEST_F(PictureTest, ChartPng_HasItsSizeAndColours) {
  ASSERT_TRUE(write_chart(small_chart(), folder_ / "a.png").ok());
  const Picture picture = load(folder_ / "a.png");
  EXPECT_EQ(picture.width, 960);
  EXPECT_EQ(picture.height, 540);
  EXPECT_TRUE(picture.colours.contains(0x0072B2));
  EXPECT_TRUE(picture.colours.contains(0xD55E00));
}

TEST_F(PictureTest, OddCharts_AreDrawn) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<std::pair<double, double>>& points : {std::vector<std::pair<double, double>>{},
                                                               {{1, 2}},
                                                               {{0, 5}, {1, 5}},
                                                               {{0, infinity}, {1, NAN}},
                                                               {{0, 1e-12}, {1, 1e12}},
                                                               {{0, -3e300}, {1, 3e300}}}) {
    Chart chart{.title = "odd", .series = {{"s", points}}};
    EXPECT_TRUE(write_chart(chart, folder_ / "a.png").ok());
  }
}

TEST_F(PictureTest, OddScores_AreDrawn) {
  Score score;
  score.tracks.resize(12);
  for (std::size_t t = 0; t < score.tracks.size(); ++t) {
    score.tracks[t].notes = {{Ticks(0), Ticks(0), 0, 1}, {Ticks(1000000), Ticks(1), 127, 127}};
    score.tracks[t].name = "A long name of track " + std::to_string(t);
  }
  EXPECT_TRUE(write_piano_roll(score, folder_ / "a.png").ok());
  EXPECT_TRUE(write_piano_roll(score, folder_ / "a.svg", {.width = 400, .row_height = 1}).ok());
}

TEST_F(PictureTest, Errors_SayWhat) {
  EXPECT_EQ(write_piano_roll(Score{}, folder_ / "a.png").error().code, ErrorCode::no_notes);
  EXPECT_EQ(write_piano_roll(small_score(), folder_ / "a.gif").error().code, ErrorCode::unsupported);
  EXPECT_EQ(write_chart(small_chart(), folder_ / "a").error().code, ErrorCode::unsupported);
  const Status unwritable = write_chart(small_chart(), folder_ / "no" / "such" / "a.png");
  ASSERT_FALSE(unwritable.ok());
  EXPECT_NE(unwritable.error().path.find("a.png"), std::string::npos);
  Chart flat = small_chart();
  flat.height = 0;
  EXPECT_EQ(write_chart(flat, folder_ / "a.png").error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace continuo::render
