#include "json_text.h"

#include <gtest/gtest.h>

namespace continuo::cli {
namespace {

using Json = nlohmann::json;

TEST(JsonText, OfUnicodeIsJsonAsItIs) {
  const Json value = {{"file", "Für Elise.mid"}, {"notes", 3}, {"list", {"a", 1, nullptr}}};
  EXPECT_EQ(json_text(value), value.dump());
}

TEST(JsonText, OtherBytesAreReplaced_AndGivenInPercentForm) {
  const Json value = {{"file", "d\xff/a b%.mid"}};
  EXPECT_EQ(json_text(value), "{\"file\":\"d\xEF\xBF\xBD/a b%.mid\",\"file_percent\":\"d%FF/a%20b%25.mid\"}");
}

TEST(JsonText, OtherBytesInListsAndDeepInside) {
  const Json value = {{"pieces", {{{"files", {"a\xfe", "b"}}, {"notes", 1}}}}};
  const Json read = Json::parse(json_text(value));
  const Json& piece = read["pieces"][0];
  EXPECT_EQ(piece["files"], Json({"a\xEF\xBF\xBD", "b"}));
  EXPECT_EQ(piece["files_percent"], Json({"a%FE", "b"}));
  EXPECT_EQ(piece["notes"], 1);
  EXPECT_FALSE(read.contains("pieces_percent"));
}

}  // namespace
}  // namespace continuo::cli
