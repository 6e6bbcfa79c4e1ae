#include "continuo/corpus/fetch.h"

#include <cstdlib>
#include <set>

#include <archive.h>
#include <archive_entry.h>

#include "continuo/base/checksum.h"

#include "fetch/download.h"
#include "fetch/unpack.h"
#include "http_server.h"
#include "scratch_folder.h"

namespace continuo::corpus {
namespace {

namespace fs = std::filesystem;

TEST(Catalogue, HasTheTenCollectionsOnceEach) {
  std::set<std::string_view> names;
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_FALSE(entry.licence.empty());
    EXPECT_NE(entry.files.empty(), entry.by_hand.empty()) << entry.name;
    for (const CatalogueFile& file : entry.files) EXPECT_TRUE(file.sha256.empty() || file.sha256.size() == 64);
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"maestro", "groove", "nsynth", "jsb", "pop909", "nottingham", "openewld",
                                               "lakh", "aria-midi", "gigamidi"}));
  EXPECT_EQ(find_in_catalogue("groove")->name, "groove");
  EXPECT_EQ(find_in_catalogue("grove"), nullptr);
}

class DownloadTest : public ScratchFolder {
 protected:
  DownloadTest() {
    // The test's own server must not be asked for through the proxy of the machine.
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    Rng rng(1);
    for (int i = 0; i < 300000; ++i) body_ += char(rng.below(256));
  }
  static std::string sha256(const std::string& text) {
    Sha256 sha;
    sha.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return sha.finish();
  }
  fs::path path() const { return root_ / "file.bin"; }
  fs::path part() const { return root_ / "file.bin.part"; }
  Result<std::string> downloaded(const std::string& expected = {}) {
    NoProgress progress;
    return download(server_.url() + "/file.bin", path(), expected, progress);
  }
  std::string body_;
  HttpServer server_;
};

TEST_F(DownloadTest, BringsTheBytesAndTheirChecksum) {
  server_.put("/file.bin", {.body = body_});
  const auto found = downloaded(sha256(body_));
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  EXPECT_EQ(*found, sha256(body_));
  EXPECT_EQ(*read_text_file(path()), body_);
  EXPECT_EQ(left_behind(), std::vector<std::string>{"file.bin"});
}

TEST_F(DownloadTest, WrongChecksumLeavesNothing) {
  server_.put("/file.bin", {.body = body_});
  const auto found = downloaded(sha256("something else"));
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.error().what.find(sha256(body_)), std::string::npos);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(DownloadTest, BreaksAreResumedWithoutSendingAnythingTwice) {
  server_.put("/file.bin", {.body = body_, .tag = "\"v1\"", .cut_after = 70000, .cuts = 3});
  const auto found = downloaded(sha256(body_));
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  EXPECT_EQ(server_.requests(), 4);
  EXPECT_EQ(server_.sent(), body_.size());
}

class StopAt final : public Progress {
 public:
  explicit StopAt(std::uint64_t done) : limit_(done) {}
  void update(std::uint64_t done, std::uint64_t, std::string_view) override { reached_ |= done >= limit_; }
  bool stop_requested() const override { return reached_; }

 private:
  std::uint64_t limit_;
  bool reached_ = false;
};

TEST_F(DownloadTest, StoppedByTheUserItResumesLater) {
  server_.put("/file.bin", {.body = body_, .tag = "\"v1\"", .cut_after = 100000, .cuts = 100});
  StopAt stop(100000);
  const auto stopped = download(server_.url() + "/file.bin", path(), {}, stop);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::interrupted);
  EXPECT_FALSE(fs::exists(path()));
  const std::uint64_t kept = fs::file_size(part());
  EXPECT_GE(kept, 100000u);
  const std::size_t sent = server_.sent();
  server_.put("/file.bin", {.body = body_, .tag = "\"v1\""});
  ASSERT_TRUE(downloaded(sha256(body_)).ok());
  EXPECT_EQ(server_.sent() - sent, body_.size() - kept);
}

TEST_F(DownloadTest, AFileThatChangedMeanwhileBeginsAnew) {
  server_.put("/file.bin", {.body = std::string(200000, 'x'), .tag = "\"v1\"", .cut_after = 50000, .cuts = 100});
  StopAt stop(50000);
  NoProgress none;
  EXPECT_FALSE(download(server_.url() + "/file.bin", path(), {}, stop).ok());
  ASSERT_GE(fs::file_size(part()), 50000u);
  server_.put("/file.bin", {.body = body_, .tag = "\"v2\""});
  ASSERT_TRUE(downloaded().ok());
  EXPECT_EQ(*read_text_file(path()), body_);
}

TEST_F(DownloadTest, ServersWithoutRangesAndPartsTooLongBeginAnew) {
  std::ofstream(part()) << std::string(1000, 'x');
  server_.put("/file.bin", {.body = body_, .ignores_range = true});
  ASSERT_TRUE(downloaded(sha256(body_)).ok());
  std::ofstream(part()) << body_ << "more";
  server_.put("/file.bin", {.body = body_});
  ASSERT_TRUE(downloaded(sha256(body_)).ok());
}

TEST_F(DownloadTest, AbsentFilesAndHostsAreOneLineThatNamesTheUrl) {
  const auto absent = downloaded();
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code, ErrorCode::not_found);
  EXPECT_EQ(absent.error().path, server_.url() + "/file.bin");
  NoProgress progress;
  const std::string nowhere = "http://127.0.0.1:1/file.bin";
  const auto unreachable = download(nowhere, path(), {}, progress);
  ASSERT_FALSE(unreachable.ok());
  EXPECT_EQ(unreachable.error().code, ErrorCode::io);
  EXPECT_NE(unreachable.error().what.find("cannot be reached"), std::string::npos);
  EXPECT_EQ(unreachable.error().path, nowhere);
  EXPECT_EQ(download("http://host.invalid/x", path(), {}, progress).error().code, ErrorCode::io);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(DownloadTest, ProxyOfTheEnvironmentIsUsed) {
  server_.put("http://music.invalid/file.bin", {.body = body_});
  ::setenv("http_proxy", server_.url().c_str(), 1);
  NoProgress progress;
  const auto found = download("http://music.invalid/file.bin", path(), sha256(body_), progress);
  ::unsetenv("http_proxy");
  EXPECT_TRUE(found.ok()) << found.error().to_line();
}

class FetchTest : public DownloadTest {
 protected:
  // An archive of these files, zip or tar.gz by its name.
  std::string archive_of(const std::string& name, const std::map<std::string, std::string>& files) const {
    const fs::path path = root_ / name;
    struct archive* out = archive_write_new();
    if (name.ends_with(".zip")) {
      archive_write_set_format_zip(out);
    } else {
      archive_write_set_format_pax_restricted(out);
      archive_write_add_filter_gzip(out);
    }
    archive_write_open_filename(out, path.c_str());
    for (const auto& [file, text] : files) {
      struct archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, file.c_str());
      archive_entry_set_size(entry, la_int64_t(text.size()));
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_perm(entry, 0644);
      archive_write_header(out, entry);
      archive_write_data(out, text.data(), text.size());
      archive_entry_free(entry);
    }
    archive_write_close(out);
    archive_write_free(out);
    const std::string bytes = *read_text_file(path);
    fs::remove(path);
    return bytes;
  }
  Result<std::vector<FetchedFile>> fetch_into(const fs::path& folder, const CatalogueEntry& entry) {
    NoProgress progress;
    return fetch(entry, {.output = folder, .mirror = server_.url()}, progress);
  }
};

TEST_F(FetchTest, UnpacksArchivesAndDoesNothingTwice) {
  for (const std::string name : {"set.zip", "set.tar.gz"}) {
    const std::string bytes = archive_of(name, {{"set/a.mid", "music"}, {"set/b/c.mid", "more"}});
    server_.put("/" + name, {.body = bytes});
    const std::string url = "http://music.invalid/" + name, sum = sha256(bytes);
    const CatalogueFile files[] = {{url, sum}};
    const CatalogueEntry entry{.name = "set", .files = files};
    const fs::path folder = root_ / ("got-" + name);
    const auto fetched = fetch_into(folder, entry);
    ASSERT_TRUE(fetched.ok()) << fetched.error().to_line();
    EXPECT_TRUE(fetched->at(0).sha256_known);
    EXPECT_EQ(fetched->at(0).bytes, bytes.size());
    EXPECT_EQ(*read_text_file(folder / "set" / "b" / "c.mid"), "more");
    EXPECT_FALSE(fs::exists(folder / name)) << "the archive is not kept";
    const int requests = server_.requests();
    const auto again = fetch_into(folder, entry);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->at(0).was_there);
    EXPECT_EQ(server_.requests(), requests);
  }
}

TEST_F(FetchTest, NothingIsReplacedAndBrokenArchivesLeaveNothingUnderTheirName) {
  const std::string bytes = archive_of("set.zip", {{"set/a.mid", "music"}});
  const CatalogueFile files[] = {{"http://music.invalid/set.zip", ""}};
  const CatalogueEntry entry{.name = "set", .files = files};
  server_.put("/set.zip", {.body = bytes});
  const fs::path folder = root_ / "got";
  fs::create_directories(folder / "set");
  std::ofstream(folder / "set" / "mine.txt") << "precious";
  EXPECT_EQ(fetch_into(folder, entry).error().code, ErrorCode::io);
  EXPECT_EQ(*read_text_file(folder / "set" / "mine.txt"), "precious");
  server_.put("/set.zip", {.body = bytes.substr(0, bytes.size() / 2)});
  EXPECT_FALSE(fetch_into(root_ / "broken", entry).ok());
  EXPECT_FALSE(fs::exists(root_ / "broken" / "set"));
  server_.put("/set.zip", {.body = bytes});
  EXPECT_TRUE(fetch_into(root_ / "broken", entry).ok()) << "the broken one is not tried again";
}

TEST_F(FetchTest, CollectionsWhoseArchivesAreCalledAlikeDoNotMeet) {
  const CatalogueFile first_file[] = {{"http://music.invalid/one/master.zip", ""}};
  const CatalogueFile second_file[] = {{"http://music.invalid/two/master.zip", ""}};
  server_.put("/one-master.zip", {.body = archive_of("one.zip", {{"one-master/a.mid", "music"}})});
  server_.put("/two-master.zip", {.body = archive_of("two.zip", {{"two-master/b.mid", "more"}})});
  const auto first = fetch_into(root_ / "got", {.name = "one", .files = first_file});
  const auto second = fetch_into(root_ / "got", {.name = "two", .files = second_file});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->at(0).made, std::vector<std::string>{"one-master"});
  EXPECT_EQ(second->at(0).made, std::vector<std::string>{"two-master"});
  EXPECT_FALSE(second->at(0).was_there);
}

TEST_F(FetchTest, WhatWasRemovedIsFetchedAgainAndWhatIsWholeIsNot) {
  const std::string bytes = archive_of("set.zip", {{"set/a.mid", "music"}});
  const CatalogueFile files[] = {{"http://music.invalid/set.zip", ""}};
  const CatalogueEntry entry{.name = "set", .files = files};
  server_.put("/set.zip", {.body = bytes});
  ASSERT_TRUE(fetch_into(root_ / "got", entry).ok());
  fs::remove_all(root_ / "got" / "set");
  const auto again = fetch_into(root_ / "got", entry);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->at(0).was_there);
  EXPECT_EQ(*read_text_file(root_ / "got" / "set" / "a.mid"), "music");
  // An archive that lies there whole, from an attempt that could not unpack it or from elsewhere.
  fs::create_directories(root_ / "brought");
  std::ofstream(root_ / "brought" / "set.zip", std::ios::binary) << bytes;
  const int requests = server_.requests();
  EXPECT_TRUE(fetch_into(root_ / "brought", entry).ok());
  EXPECT_EQ(server_.requests(), requests);
  EXPECT_EQ(*read_text_file(root_ / "brought" / "set" / "a.mid"), "music");
}

TEST_F(FetchTest, EntriesThatWouldLieElsewhereAreRefused) {
  for (const char* name : {"../outside.mid", "/tmp/continuo-outside.mid", "a/../../outside.mid"}) {
    std::ofstream(root_ / "bad.tar.gz", std::ios::binary) << archive_of("made.tar.gz", {{name, "x"}});
    fs::create_directories(root_ / "inside");
    NoProgress progress;
    const auto done = unpack(root_ / "bad.tar.gz", root_ / "inside", progress);
    ASSERT_FALSE(done.ok()) << name;
    EXPECT_EQ(done.error().code, ErrorCode::malformed);
    EXPECT_FALSE(fs::exists(root_ / "outside.mid"));
  }
}

TEST_F(FetchTest, WhatCannotBeDownloadedSaysHowToGetIt) {
  NoProgress progress;
  const auto refused = fetch(*find_in_catalogue("gigamidi"), {.output = root_ / "got"}, progress);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_NE(refused.error().what.find("huggingface.co"), std::string::npos);
}

}  // namespace
}  // namespace continuo::corpus
