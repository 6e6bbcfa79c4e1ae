#include "continuo/corpus/csv.h"

#include <gtest/gtest.h>

namespace continuo::corpus {
namespace {

TEST(CsvTable, Parse_QuotesAndLineEnds) {
  const auto table = CsvTable::parse(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x,\"\"y\"\"\n\",2\n\n,\"\"");
  ASSERT_TRUE(table.ok()) << table.error().to_line();
  ASSERT_EQ(table->rows(), 2u);
  EXPECT_EQ(table->column("b"), 1u);
  EXPECT_EQ(table->column("c"), std::nullopt);
  EXPECT_EQ(table->at(0, 0), "x,\"y\"\n");
  EXPECT_EQ(table->at(1, 1), "");
}

TEST(CsvField, SurvivesParsing) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(csv_field("a\nb"), "a b");
}

}  // namespace
}  // namespace continuo::corpus
