#include "continuo/json/field_reader.h"

#include <limits>

#include <gtest/gtest.h>

namespace continuo::json {
namespace {

using Json = nlohmann::json;

enum class Colour { kRed, kBlue };
constexpr Named<Colour> kColours[] = {{Colour::kRed, "red"}, {Colour::kBlue, "blue"}};

template <typename T>
std::string error_of(const Json& object, std::string_view field) {
  FieldReader fields(object, "test");
  T out{};
  fields.read(field, out);
  return fields.status().ok() ? "" : fields.status().error().what;
}

TEST(FieldReader, ReadsWhatIsThere) {
  const Json object = {{"i", -3},     {"u", std::numeric_limits<std::uint64_t>::max()},
                       {"d", 2.5},    {"b", true},
                       {"s", "text"}, {"colour", "blue"}};
  FieldReader fields(object, "test");
  int i = 0;
  std::uint64_t u = 0;
  double d = 0;
  bool b = false;
  std::string s;
  Colour colour = Colour::kRed;
  fields.read("i", i);
  fields.read("u", u);
  fields.read("d", d);
  fields.read("b", b);
  fields.read("s", s);
  fields.read("colour", kColours, colour);
  ASSERT_TRUE(fields.finish().ok());
  EXPECT_EQ(i, -3);
  EXPECT_EQ(u, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(d, 2.5);
  EXPECT_TRUE(b);
  EXPECT_EQ(s, "text");
  EXPECT_EQ(colour, Colour::kBlue);
}

TEST(FieldReader, AnIntegerIsANumberToo) {
  const Json object = {{"d", 2}};
  FieldReader reader(object, "test");
  double d = 0;
  reader.read("d", d);
  EXPECT_EQ(d, 2);
}

TEST(FieldReader, EveryTypeRefusesWhatItCannotHold) {
  const Json object = {
      {"text", "x"},    {"number", 1.5},         {"large", 1LL << 40}, {"huge", 18446744073709551615ULL},
      {"negative", -1}, {"list", Json::array()}, {"bool", true}};
  EXPECT_EQ(error_of<int>(object, "text"), "test: 'text' is not an integer");
  EXPECT_EQ(error_of<int>(object, "number"), "test: 'number' is not an integer");
  EXPECT_EQ(error_of<int>(object, "bool"), "test: 'bool' is not an integer");
  EXPECT_EQ(error_of<int>(object, "large"), "test: 'large' is out of range");
  EXPECT_EQ(error_of<std::int64_t>(object, "large"), "");
  EXPECT_EQ(error_of<std::int64_t>(object, "huge"), "test: 'huge' is out of range");
  EXPECT_EQ(error_of<std::uint64_t>(object, "huge"), "");
  EXPECT_EQ(error_of<std::uint64_t>(object, "negative"), "test: 'negative' is out of range");
  EXPECT_EQ(error_of<double>(object, "text"), "test: 'text' is not a number");
  EXPECT_EQ(error_of<bool>(object, "number"), "test: 'number' is neither true nor false");
  EXPECT_EQ(error_of<std::string>(object, "list"), "test: 'list' is not a string");
  EXPECT_EQ(error_of<std::string>(object, "none"), "test: 'none' is missing");
}

TEST(FieldReader, AnUnknownEnumeratorIsNamed) {
  const Json object = {{"colour", "green"}};
  FieldReader fields(object, "test");
  Colour colour = Colour::kRed;
  fields.read("colour", kColours, colour);
  EXPECT_EQ(fields.status().error().what, "test: 'colour' has the unknown value 'green'");
}

TEST(FieldReader, TheFirstProblemIsTheOneThatIsReported) {
  const Json object = {{"a", 1}, {"b", "x"}};
  FieldReader fields(object, "test");
  int a = 0, b = 0, c = 7;
  fields.read("missing", a);
  fields.read("b", b);
  fields.read("a", c);
  EXPECT_EQ(fields.finish().error().what, "test: 'missing' is missing");
  EXPECT_EQ(c, 7) << "nothing is read after a problem";
}

TEST(FieldReader, OptionalMembersKeepTheirDefault) {
  const Json object = {{"a", 1}};
  FieldReader fields(object, "test");
  int a = 5, b = 6;
  fields.read_if_present("a", a);
  fields.read_if_present("b", b);
  EXPECT_TRUE(fields.finish().ok());
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 6);
}

TEST(FieldReader, AMemberThatNobodyAskedForIsAnErrorAtTheEnd) {
  const Json object = {{"a", 1}, {"extra", 2}, {std::string(2'000'000, 'x'), 3}};
  FieldReader fields(object, "test");
  int a = 0;
  fields.read("a", a);
  EXPECT_TRUE(fields.status().ok());
  const Status end = fields.finish();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code, ErrorCode::malformed);
  EXPECT_EQ(end.error().what, "test: 'extra' is a field that this version does not know");
}

TEST(FieldReader, AHostileNameIsCutShort) {
  const Json object = {{std::string(2'000'000, 'x'), 3}};
  FieldReader fields(object, "test");
  EXPECT_LT(fields.finish().error().what.size(), 200U);
}

TEST(FieldReader, ANameIsShownUpToSixtyCharacters) {
  const auto shown = [](std::size_t length) {
    const Json object = {{std::string(length, 'x'), 3}};
    FieldReader fields(object, "test");
    return fields.finish().error().what;
  };
  const std::string sixty(60, 'x'), rest = "' is a field that this version does not know";
  EXPECT_EQ(shown(60), "test: '" + sixty + rest);
  EXPECT_EQ(shown(61), "test: '" + sixty + "..." + rest);
}

TEST(FieldReader, IntegersUpToTheirBounds) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const Json object = {{"most", std::uint64_t(kMost)}, {"one_more", std::uint64_t(kMost) + 1}, {"zero", 0}};
  FieldReader fields(object, "test");
  std::int64_t most = 0;
  std::uint64_t zero = 5;
  fields.read("most", most);
  fields.read("zero", zero);
  EXPECT_TRUE(fields.status().ok());
  EXPECT_EQ(most, kMost);
  EXPECT_EQ(zero, 0u);
  EXPECT_EQ(error_of<std::int64_t>(object, "one_more"), "test: 'one_more' is out of range");
}

TEST(FieldReader, WhatIsNoObjectHasNoMembers) {
  const Json list = Json::array({1});
  FieldReader fields(list, "test");
  int a = 3;
  fields.read_if_present("a", a);
  EXPECT_EQ(fields.finish().error().what, "test: not a JSON object");
  EXPECT_EQ(a, 3);
}

TEST(FieldReader, ReadsListsAndCountsAndObjectsInside) {
  const Json object = {{"names", {"a", "b"}}, {"counts", {{"x", 3}}}, {"inside", {{"i", 4}, {"bad", "text"}}}};
  FieldReader fields(object, "test");
  std::vector<std::string> names;
  std::map<std::string, std::uint64_t> counts;
  fields.read("names", names);
  fields.read("counts", counts);
  FieldReader inside = fields.object("inside");
  int i = 0;
  inside.read("i", i);
  fields.take(inside.status());
  ASSERT_TRUE(fields.finish().ok());
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(counts, (std::map<std::string, std::uint64_t>{{"x", 3}}));
  EXPECT_EQ(i, 4);
  inside.read("bad", i);
  fields.take(inside.status());
  ASSERT_FALSE(fields.status().ok());
  EXPECT_EQ(fields.status().error().what, "test: inside: 'bad' is not an integer");
}

TEST(FieldReader, ListsAndCountsAndObjectsOfAnotherKindAreNamed) {
  const Json object = {{"names", {"a", 1}}, {"counts", {{"x", -3}}}, {"inside", 7}};
  EXPECT_EQ(error_of<std::vector<std::string>>(object, "names"), "test: 'names' is not a list of strings");
  EXPECT_EQ((error_of<std::map<std::string, std::uint64_t>>(object, "counts")),
            "test: 'counts' is not an object of counts");
  for (const char* field : {"inside", "absent"}) {
    FieldReader fields(object, "test");
    FieldReader inside = fields.object(field);
    int i = 0;
    inside.read("i", i);
    EXPECT_FALSE(inside.status().ok()) << field;
    EXPECT_EQ(inside.status().error().what, fields.status().error().what) << "the first problem is the outer one";
  }
}

}  // namespace
}  // namespace continuo::json
