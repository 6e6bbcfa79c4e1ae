#include <fstream>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"

namespace continuo::platform {
namespace {

namespace fs = std::filesystem;

class FileLockTest : public ::testing::Test {
 protected:
  FileLockTest() : folder_(fs::temp_directory_path() / ("continuo-lock-" + unique_suffix())) {
    fs::create_directories(folder_);
  }
  ~FileLockTest() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(FileLockTest, OneAtATime_AndAgainAfterwards) {
  {
    auto first = FileLock::try_lock(folder_ / "lock");
    ASSERT_TRUE(first.ok());
    ASSERT_TRUE(first->has_value());
    EXPECT_FALSE(FileLock::try_lock(folder_ / "lock")->has_value());
    EXPECT_TRUE(FileLock::try_lock(folder_ / "other")->has_value());
  }
  EXPECT_TRUE(FileLock::try_lock(folder_ / "lock")->has_value());
}

TEST_F(FileLockTest, ARemovedFileIsNoLock) {
  auto first = FileLock::try_lock(folder_ / "lock");
  fs::remove(folder_ / "lock");
  EXPECT_TRUE(FileLock::try_lock(folder_ / "lock")->has_value());
}

TEST_F(FileLockTest, NoFolderIsAnError) {
  EXPECT_EQ(FileLock::try_lock(folder_ / "none" / "lock").error().code, ErrorCode::not_found);
}

TEST_F(FileLockTest, ExchangeNames_SwapsFoldersAndFailsWithoutOne) {
  for (const char* name : {"a", "b"}) {
    fs::create_directories(folder_ / name);
    std::ofstream(folder_ / name / "who") << name;
  }
  ASSERT_TRUE(exchange_names(folder_ / "a", folder_ / "b").ok());
  EXPECT_EQ(*read_text_file(folder_ / "a" / "who"), "b");
  EXPECT_EQ(*read_text_file(folder_ / "b" / "who"), "a");
  EXPECT_FALSE(exchange_names(folder_ / "a", folder_ / "none").ok());
  EXPECT_EQ(*read_text_file(folder_ / "a" / "who"), "b");
}

}  // namespace
}  // namespace continuo::platform
