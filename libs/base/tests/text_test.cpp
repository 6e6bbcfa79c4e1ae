#include "continuo/base/text.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/statistics.h"

namespace continuo {
namespace {

TEST(Text, NumbersAreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Text, OneThingIsCountedInTheSingular) {
  EXPECT_EQ(counted(0, "piece", "pieces"), "0 pieces");
  EXPECT_EQ(counted(1, "piece", "pieces"), "1 piece");
  EXPECT_EQ(counted(2, "piece", "pieces"), "2 pieces");
  EXPECT_EQ(counted(1001, "piece", "pieces"), "1,001 pieces");
}

TEST(Text, TimesHaveHoursOnlyWhereThereAreSome) {
  EXPECT_EQ(clock_text(-3), "0:00");
  EXPECT_EQ(clock_text(59.4), "0:59");
  EXPECT_EQ(clock_text(59.5), "1:00");
  EXPECT_EQ(clock_text(3599), "59:59");
  EXPECT_EQ(clock_text(3600), "1:00:00");
  EXPECT_EQ(clock_text(360065), "100:01:05");
}

TEST(Text, ListsHaveSeparatorsBetweenTheirTexts) {
  EXPECT_EQ(joined(std::vector<std::string>{}), "");
  EXPECT_EQ(joined(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(joined(std::array<std::string_view, 3>{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(joined(std::vector<std::string>{"", "b"}, " "), "b") << "nothing separates what is not there";
}

TEST(Statistics, TheMedianOfAnEvenNumberIsTheGreaterOfBothInTheMiddle) {
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({4, 1, 3, 2}), 3);
}

}  // namespace
}  // namespace continuo
