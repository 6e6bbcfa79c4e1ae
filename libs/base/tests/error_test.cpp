#include "continuo/base/error.h"

#include <set>

#include <gtest/gtest.h>

namespace continuo {
namespace {

TEST(ErrorCode, EveryOneHasANameOfItsOwn) {
  constexpr int kCount = static_cast<int>(ErrorCode::corrupt_meter) + 1;  // the last one
  std::set<std::string_view> names;
  for (int code = 0; code < kCount; ++code) names.insert(to_string(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), std::size_t{kCount});
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(ErrorCode::no_space), "no_space");
  EXPECT_EQ(to_string(ErrorCode::corrupt_meter), "corrupt_meter");
}

TEST(Error, ToLine_MakesBlanksOfControlCharactersAndLeavesTheRest) {
  for (int c = 0; c < 256; ++c) {
    const Error error{ErrorCode::io, std::string(1, static_cast<char>(c)), {}, {}};
    EXPECT_EQ(error.to_line(), std::string(1, c < 0x20 ? ' ' : static_cast<char>(c))) << c;
  }
}

TEST(Error, ToLine_HasPathProblemAndPlaceInThisOrder) {
  EXPECT_EQ((Error{ErrorCode::io, "what", "where", "path"}.to_line()), "path: what, where");
  EXPECT_EQ((Error{ErrorCode::io, "what", "where", {}}.to_line()), "what, where");
}

}  // namespace
}  // namespace continuo
