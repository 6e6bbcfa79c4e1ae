#include <filesystem>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/options/parse.h"

#include "sample_fields.h"

namespace continuo::options {
namespace {

constexpr const char* kToml =
    "threads = 2\ntop_p = 0.5\nkernels = \"plain\"\npack = true\nseed = \"18446744073709551615\"\n";
constexpr const char* kJson =
    R"({"threads": 2, "top_p": 0.5, "kernels": "plain", "pack": true, "seed": 18446744073709551615})";

void expect_values(const Result<Values>& values) {
  ASSERT_TRUE(values.ok()) << values.error().to_line();
  EXPECT_EQ(values->integer("threads"), 2);
  EXPECT_EQ(values->real("top_p"), 0.5);
  EXPECT_EQ(values->text("kernels"), "plain");
  EXPECT_TRUE(values->flag("pack"));
  EXPECT_EQ(values->unsigned_integer("seed"), ~std::uint64_t{0});
  EXPECT_FALSE(values->has("title"));
}

TEST(Files, TomlAndJsonGiveTheSameValues) {
  expect_values(parse_toml(sample_fields(), kToml));
  expect_values(parse_json(sample_fields(), kJson));
  EXPECT_EQ(parse_toml(sample_fields(), "top_p = 1")->real("top_p"), 1.0);
}

TEST(Files, WhatRepeatsIsAListOrOneValue) {
  const std::vector<std::string> both{"a", "b"};
  EXPECT_EQ(parse_toml(sample_fields(), "word = [\"a\", \"b\"]")->texts("word"), both);
  EXPECT_EQ(parse_json(sample_fields(), R"({"word": ["a", "b"]})")->texts("word"), both);
  EXPECT_EQ(parse_toml(sample_fields(), "word = \"a\"")->text("word"), "a");
  EXPECT_EQ(parse_toml(sample_fields(), "word = [1]").error().what, "word: the value is of another type");
}

TEST(Files, MistakesAreNamedWithTheirLine) {
  struct Case {
    const char *toml, *json, *what;
  };
  for (const Case& c :
       {Case{"\nkernels = \"wrong\"", R"({"kernels": "wrong"})", "kernels: 'wrong' is none of fused, plain"},
        Case{"\ntop_p = 0", R"({"top_p": 0})", "top_p: must be from 0.001 to 1"},
        Case{"\nthreads = 1.5", R"({"threads": 1.5})", "threads: the value is of another type"},
        Case{"\nthreads = \"2\"", R"({"threads": "2"})", "threads: the value is of another type"},
        Case{"\ntitle = 2", R"({"title": 2})", "title: the value is of another type"},
        Case{"\npack = 1", R"({"pack": 1})", "pack: the value is of another type"},
        Case{"\npack = []", R"({"pack": []})", "pack: the value is of another type"},
        Case{"\ntread = 1", R"({"tread": 1})", "no option 'tread'; did you mean threads?"}}) {
    const auto toml = parse_toml(sample_fields(), c.toml), json = parse_json(sample_fields(), c.json);
    ASSERT_FALSE(toml.ok()) << c.toml;
    ASSERT_FALSE(json.ok()) << c.json;
    EXPECT_EQ(toml.error().what, c.what);
    EXPECT_EQ(toml.error().where, "line 2");
    EXPECT_EQ(json.error().what, c.what);
    EXPECT_EQ(toml.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_EQ(parse_toml(sample_fields(), "a = = 1").error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_json(sample_fields(), "[1]").error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_json(sample_fields(), "{").error().code, ErrorCode::malformed);
}

TEST(Files, TheExtensionChoosesTheLanguage) {
  const auto folder = std::filesystem::temp_directory_path() / "continuo_options_files";
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(write_file(folder / "a.toml", std::string_view(kToml)).ok());
  ASSERT_TRUE(write_file(folder / "a.json", std::string_view(kJson)).ok());
  ASSERT_TRUE(write_file(folder / "bad.json", std::string_view("{")).ok());
  expect_values(parse_file(sample_fields(), folder / "a.toml"));
  expect_values(parse_file(sample_fields(), folder / "a.json"));
  EXPECT_EQ(parse_file(sample_fields(), folder / "bad.json").error().path, (folder / "bad.json").string());
  EXPECT_EQ(parse_file(sample_fields(), folder / "none.toml").error().code, ErrorCode::not_found);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace continuo::options
