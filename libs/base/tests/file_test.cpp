#include "continuo/base/file.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "continuo/base/platform/platform.h"

namespace continuo {
namespace {
namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() : folder_(fs::path(testing::TempDir()) / ("continuo-file-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }
  std::size_t entries() const { return std::size_t(std::distance(fs::directory_iterator(folder_), {})); }
  fs::path folder_;
};

TEST_F(FileTest, WrittenBytesComeBack) {
  const std::vector<std::uint8_t> bytes{0, 1, 255, 10, 13};
  ASSERT_TRUE(write_file(folder_ / "a.bin", bytes).ok());
  EXPECT_EQ(*read_file(folder_ / "a.bin"), bytes);
  const auto mapped = MappedFile::open(folder_ / "a.bin");
  ASSERT_TRUE(mapped.ok());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), (*mapped)->bytes().begin(), (*mapped)->bytes().end()));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, MissingFileIsNotFoundAndNamesThePath) {
  const auto result = read_file(folder_ / "none");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::not_found);
  EXPECT_EQ(result.error().path, (folder_ / "none").string());
  EXPECT_FALSE(MappedFile::open(folder_ / "none").ok());
}

TEST_F(FileTest, LimitRefusesLargerFiles) {
  ASSERT_TRUE(write_file(folder_ / "big", std::string(1000, 'x')).ok());
  EXPECT_EQ(read_file(folder_ / "big", 999).error().code, ErrorCode::too_large);
  EXPECT_EQ(read_file(folder_ / "big", 1000)->size(), 1000u);
}

TEST_F(FileTest, FilesThatTellNoSizeAreReadToTheirEnd) {
  if (!fs::exists("/proc/self/maps")) GTEST_SKIP() << "this system has no /proc";
  const auto text = read_text_file("/proc/self/maps");
  ASSERT_TRUE(text.ok()) << text.error().to_line();
  EXPECT_GT(text->size(), 100u);
  EXPECT_EQ(text->back(), '\n');
  EXPECT_EQ(read_file("/proc/self/maps", 10).error().code, ErrorCode::too_large);
}

TEST_F(FileTest, FolderIsNotAFile) {
  EXPECT_FALSE(read_file(folder_).ok());
  EXPECT_FALSE(MappedFile::open(folder_).ok());
  EXPECT_FALSE(check_writable(folder_).ok());
}

TEST_F(FileTest, FailedWriteKeepsWhatWasThere) {
  ASSERT_TRUE(write_file(folder_ / "keep", std::string_view("old")).ok());
  {
    AtomicFile file(folder_ / "keep");
    std::ofstream(file.temporary_path()) << "half of the new";
  }
  EXPECT_EQ(*read_text_file(folder_ / "keep"), "old");
  EXPECT_EQ(entries(), 1u);
  const auto status = write_file(folder_ / "no such folder" / "x", std::string_view("y"));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().path, (folder_ / "no such folder" / "x").string());
}

TEST_F(FileTest, FullDiskIsNamedAndLeavesNothing) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  fs::create_symlink("/dev/full", folder_ / "full");
  const auto status = platform::write_and_sync(folder_ / "full", std::vector<std::uint8_t>(10));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::no_space);
}

TEST_F(FileTest, CheckWritableLeavesNoTrace) {
  EXPECT_TRUE(check_writable(folder_ / "new.mid").ok());
  EXPECT_EQ(entries(), 0u);
  EXPECT_EQ(check_writable(folder_ / "none" / "new.mid").error().code, ErrorCode::not_found);
}

TEST_F(FileTest, EmptyFilesMapToNothingAndLargeOnesToAllTheirBytes) {
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 4097u, 300000u}) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = std::uint8_t(i * 31 >> 3);
    ASSERT_TRUE(write_file(folder_ / "m", bytes).ok());
    const auto mapped = MappedFile::open(folder_ / "m");
    ASSERT_TRUE(mapped.ok()) << mapped.error().to_line();
    EXPECT_TRUE(std::ranges::equal((*mapped)->bytes(), bytes)) << size;
    EXPECT_EQ(*read_file(folder_ / "m"), bytes) << size;
  }
}

TEST_F(FileTest, LargePipesAreReadToTheirEndAndNotBeyondTheLimit) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const std::string text(200000, 'x');
  for (const std::uint64_t limit : {200000u, 199999u}) {
    std::signal(SIGPIPE, SIG_IGN);
    std::thread writer([&] {
      // A reader that stops early closes the pipe; then the rest cannot be written.
      std::ofstream(folder_ / "pipe") << text;
    });
    const auto read = read_text_file(folder_ / "pipe", limit);
    writer.join();
    EXPECT_EQ(read.ok(), limit >= text.size());
    if (read.ok()) {
      EXPECT_EQ(*read, text);
    }
  }
}

TEST_F(FileTest, LinksAreFollowedAndStay) {
  fs::create_directory(folder_ / "far");
  fs::create_symlink("far/target.mid", folder_ / "near.mid");
  fs::create_symlink("near.mid", folder_ / "nearest.mid");
  for (const std::string text : {"first", "second"}) {
    ASSERT_TRUE(write_file(folder_ / "nearest.mid", text).ok());
    EXPECT_TRUE(fs::is_symlink(folder_ / "nearest.mid"));
    EXPECT_TRUE(fs::is_symlink(folder_ / "near.mid"));
    EXPECT_EQ(*read_text_file(folder_ / "far" / "target.mid"), text);
  }
}

TEST_F(FileTest, PermissionsOfWhatIsReplacedAreKept) {
  ASSERT_TRUE(write_file(folder_ / "own", std::string_view("old")).ok());
  fs::permissions(folder_ / "own", fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(write_file(folder_ / "own", std::string_view("new")).ok());
  EXPECT_EQ(fs::status(folder_ / "own").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(FileTest, PipesAreWrittenToAndStay) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", folder_ / "link");
  EXPECT_TRUE(check_writable(folder_ / "link").ok());
  const std::string text(200000, 'x');
  std::string heard;
  std::thread reader([&] {
    if (auto read = read_text_file(folder_ / "pipe"); read.ok()) heard = *std::move(read);
  });
  const auto written = write_file(folder_ / "link", text);
  reader.join();
  EXPECT_TRUE(written.ok());
  EXPECT_EQ(heard, text);
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(entries(), 2u);
}

TEST_F(FileTest, DevicesAreWrittenToAndTheirErrorsNamed) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  fs::create_symlink("/dev/full", folder_ / "full");
  const auto status = write_file(folder_ / "full", std::string_view("x"));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::no_space);
  EXPECT_TRUE(fs::is_symlink(folder_ / "full"));
}

TEST_F(FileTest, AtomicFiles_KeepTheExtensionAndAreNeverSeenHalfWritten) {
  AtomicFile file(folder_ / "piece.mid");
  EXPECT_EQ(file.temporary_path().extension(), ".mid");
  EXPECT_EQ(file.temporary_path().parent_path(), folder_);
  EXPECT_NE(file.temporary_path(), AtomicFile(folder_ / "piece.mid").temporary_path());
  std::ofstream(file.temporary_path()) << "new";
  EXPECT_FALSE(fs::exists(folder_ / "piece.mid"));
  ASSERT_TRUE(file.commit().ok());
  EXPECT_EQ(*read_text_file(folder_ / "piece.mid"), "new");
  EXPECT_FALSE(fs::exists(file.temporary_path()));
  AtomicFile nothing(folder_ / "never.mid");
  EXPECT_EQ(nothing.commit().error().path, (folder_ / "never.mid").string());
}

}  // namespace
}  // namespace continuo
