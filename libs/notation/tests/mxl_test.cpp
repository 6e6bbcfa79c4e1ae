#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "continuo/notation/musicxml.h"

#include "musicxml_text.h"

namespace continuo::notation {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

std::string zip_of(const Files& files) {
  std::string bytes(std::size_t{1} << 20, '\0');
  std::size_t used = 0;
  const std::unique_ptr<struct archive, int (*)(struct archive*)> writer(archive_write_new(), archive_write_free);
  archive_write_set_format_zip(writer.get());
  archive_write_open_memory(writer.get(), bytes.data(), bytes.size(), &used);
  for (const auto& [name, content] : files) {
    const std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)> entry(archive_entry_new(),
                                                                                       archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    EXPECT_EQ(archive_write_header(writer.get(), entry.get()), ARCHIVE_OK);
    EXPECT_EQ(archive_write_data(writer.get(), content.data(), content.size()),
              static_cast<la_ssize_t>(content.size()));
  }
  EXPECT_EQ(archive_write_close(writer.get()), ARCHIVE_OK);
  bytes.resize(used);
  return bytes;
}

std::string titled(const std::string& title) {
  return "<score-partwise><movement-title>" + title + "</movement-title></score-partwise>";
}

std::string container(const std::string& path) {
  return "<?xml version=\"1.0\"?><container><rootfiles><rootfile full-path=\"" + path + "\"/></rootfiles></container>";
}

ErrorCode error_of(const std::string& bytes) {
  const auto result = read_musicxml(bytes);
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorCode::io : result.error().code;
}

TEST(Mxl, TheContainerNamesTheScore) {
  const Files files = {{"first.xml", titled("first")},
                       {"sub/b.musicxml", titled("second")},
                       {"META-INF/container.xml", container("sub/b.musicxml")}};
  const auto result = read_musicxml(zip_of(files));
  ASSERT_TRUE(result.ok()) << result.error().to_line();
  EXPECT_EQ(result->score.title, "second");
}

TEST(Mxl, WithoutContainerTheFirstScoreCounts) {
  const auto result =
      read_musicxml(zip_of({{"META-INF/a.xml", "<a/>"}, {"note.txt", "x"}, {"b.musicxml", titled("b")}}));
  ASSERT_TRUE(result.ok()) << result.error().to_line();
  EXPECT_EQ(result->score.title, "b");
}

TEST(Mxl, ContainerThatNamesNothing_IsPassedOver) {
  const std::string broken = "<container><rootfiles><rootfile full-path='It's.xml'/></rootfiles></container>";
  const auto result = read_musicxml(zip_of({{"META-INF/container.xml", broken}, {"It's.xml", titled("It's")}}));
  ASSERT_TRUE(result.ok()) << result.error().to_line();
  EXPECT_EQ(result->score.title, "It's");
}

TEST(Mxl, BrokenOnesAreErrors) {
  EXPECT_EQ(error_of(zip_of({{"note.txt", "x"}})), ErrorCode::wrong_format);
  EXPECT_EQ(error_of(zip_of({{"META-INF/container.xml", container("gone.xml")}})), ErrorCode::wrong_format);
  EXPECT_EQ(error_of(zip_of({{"a.xml", "no xml"}})), ErrorCode::wrong_format);
  const std::string whole = zip_of({{"a.xml", titled(std::string(10000, 'a') + "bcd")}});
  for (std::size_t size = 4; size < whole.size(); ++size) {
    const auto result = read_musicxml(whole.substr(0, size));
    EXPECT_TRUE(result.ok() || !result.error().what.empty());
  }
  EXPECT_FALSE(read_musicxml(whole.substr(0, 60)).ok());
}

TEST(Mxl, BombsAreRefused) {
  EXPECT_EQ(error_of(zip_of({{"a.xml", std::string(std::size_t{65} << 20, ' ')}})), ErrorCode::too_large);
  Files many;
  for (int i = 0; i < 1100; ++i) many.push_back({"a" + std::to_string(i) + ".txt", ""});
  EXPECT_EQ(error_of(zip_of(many)), ErrorCode::too_large);
}

}  // namespace
}  // namespace continuo::notation
