#include "continuo/json/strict_parse.h"

#include <string>

#include <gtest/gtest.h>

namespace continuo::json {
namespace {

TEST(StrictParse, GivesTheValue) {
  const auto value = parse_json_strictly(R"({"a": [1, {"b": null}]})", JsonLimits{});
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->at("a").at(0), 1);
}

TEST(StrictParse, RefusesAKeyThatOccursTwice) {
  const auto value = parse_json_strictly(R"({"a": 1, "b": {"a": 2}, "a": 3})", JsonLimits{});
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().code, ErrorCode::malformed);
  EXPECT_NE(value.error().what.find("'a' occurs twice"), std::string::npos) << value.error().what;
  EXPECT_TRUE(parse_json_strictly(R"([{"a": 1}, {"a": 2}])", JsonLimits{}).ok()) << "in another object";
}

TEST(StrictParse, HoldsTheLimits) {
  const JsonLimits limits{.depth = 3, .array_length = 4};
  EXPECT_TRUE(parse_json_strictly("[[[1]]]", limits).ok());
  EXPECT_FALSE(parse_json_strictly("[[[[1]]]]", limits).ok());
  EXPECT_TRUE(parse_json_strictly("[1,2,3,4]", limits).ok());
  EXPECT_FALSE(parse_json_strictly("[1,2,3,4,5]", limits).ok());
  EXPECT_FALSE(parse_json_strictly(std::string(1'000'000, '['), JsonLimits{}).ok());
}

TEST(StrictParse, BrokenTextNamesTheByte) {
  const auto value = parse_json_strictly("[1, 2", JsonLimits{}, 100);
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().where.rfind("in the JSON at byte 10", 0), 0U) << value.error().where;
  const auto at_brace = parse_json_strictly("[1, }, 2, 3]", JsonLimits{}, 1000);
  ASSERT_FALSE(at_brace.ok());
  EXPECT_EQ(at_brace.error().where, "in the JSON at byte 1005") << "the parser has read five";
  const auto twice = parse_json_strictly(R"({"a": 1, "a": 2})", JsonLimits{}, 1000);
  EXPECT_EQ(twice.error().where, "in the JSON at byte 1000") << "of a limit only where the JSON starts is known";
  EXPECT_FALSE(parse_json_strictly("", JsonLimits{}).ok());
  EXPECT_FALSE(parse_json_strictly("[1] 2", JsonLimits{}).ok());
}

}  // namespace
}  // namespace continuo::json
