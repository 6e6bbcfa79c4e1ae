#include "continuo/base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace continuo {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::invalid_argument, "is odd", "digit 1", "number"};
  return number / 2;
}

Result<int> quarter(int number) {
  CONTINUO_ASSIGN(const int once, half(number));
  CONTINUO_ASSIGN(const int twice, half(once));
  return twice;
}

Status need_even(int number) {
  CONTINUO_TRY(half(number));
  return {};
}

TEST(Result, CarriesValueOrError) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_FALSE(quarter(6).ok());
  EXPECT_EQ(quarter(6).error().to_line(), "number: is odd, digit 1");
  EXPECT_TRUE(need_even(2).ok());
  EXPECT_FALSE(need_even(3).ok());
}

TEST(Result, MovesOutWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> owned = std::move(result).value();
  EXPECT_EQ(*owned, 5);
}

TEST(Error, ToLine_IsOneLineAndOmitsWhatIsEmpty) {
  EXPECT_EQ((Error{ErrorCode::io, "bad\nname", {}, {}}.to_line()), "bad name");
  EXPECT_EQ((Error{ErrorCode::io, "what", {}, {}}.in_file("f").in_file("g").to_line()), "f: what");
}

}  // namespace
}  // namespace continuo
