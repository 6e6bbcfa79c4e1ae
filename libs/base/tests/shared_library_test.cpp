#include <gtest/gtest.h>

#include "continuo/base/platform/platform.h"

namespace continuo::platform {
namespace {

TEST(SharedLibrary, BindsFunctions) {
  const auto library = SharedLibrary::load("libm.so.6");
  ASSERT_TRUE(library.ok()) << library.error().to_line();
  double (*cube_root)(double) = nullptr;
  ASSERT_TRUE(library->bind(cube_root, "cbrt").ok());
  EXPECT_DOUBLE_EQ(cube_root(27.0), 3.0);
}

TEST(SharedLibrary, WhatIsMissingIsNamed) {
  const auto none = SharedLibrary::load("libcontinuo-none.so.1");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  EXPECT_NE(none.error().what.find("libcontinuo-none.so.1"), std::string::npos);
  double (*function)(double) = nullptr;
  const Status status = SharedLibrary::load("libm.so.6")->bind(function, "no_such_function");
  EXPECT_EQ(status.error().code, ErrorCode::unsupported);
  EXPECT_EQ(status.error().what, "libm.so.6 has no no_such_function");
  EXPECT_EQ(function, nullptr);
}

}  // namespace
}  // namespace continuo::platform
