#include <sys/stat.h>

#include "continuo/corpus/list_source.h"
#include "continuo/corpus/read_entry.h"

#include "scratch_folder.h"

namespace continuo::corpus {
namespace {

namespace fs = std::filesystem;

class SourceTest : public ScratchFolder {
 protected:
  Source listed() const {
    auto result = list_source(source());
    EXPECT_TRUE(result.ok()) << result.error().to_line();
    return *std::move(result);
  }
  static std::vector<std::string> paths(const Source& source) {
    std::vector<std::string> paths;
    for (const auto& entry : source.entries) paths.push_back(entry.path);
    return paths;
  }
};

using Paths = std::vector<std::string>;

TEST_F(SourceTest, Folder_ListsMusicRecursivelyAndSorted) {
  for (const char* name : {"b.mid", "a/z.MIDI", "a/b/c.abc", "readme.txt", "x.mid.bak"}) write(name, "x");
  const Source found = listed();
  EXPECT_EQ(paths(found), (Paths{"a/b/c.abc", "a/z.MIDI", "b.mid"}));
  EXPECT_EQ(found.layout, "folder");
  EXPECT_EQ(found.licence, "unknown");
  EXPECT_EQ(found.name, "source");
  EXPECT_FALSE(found.official_split);
}

TEST_F(SourceTest, Folder_TellsMusicXmlFromOtherXml) {
  write("a.xml", "<?xml version=\"1.0\"?><project/>");
  write("b.xml", "<?xml version=\"1.0\"?><score-partwise version=\"4.0\"/>");
  write("c.musicxml", "x");
  write("d.krn", "x");
  const Source found = listed();
  EXPECT_EQ(paths(found), (Paths{"b.xml", "c.musicxml"}));
  ASSERT_EQ(found.rejects.size(), 1u);
  EXPECT_EQ(found.rejects[0].code, ErrorCode::unsupported);
}

TEST_F(SourceTest, Folder_LoopsPipesAndDeadLinksDoNotHang) {
  write("a/one.mid", "x");
  fs::create_directory_symlink("..", source() / "a" / "up");
  fs::create_symlink("one.mid", source() / "a" / "two.mid");
  fs::create_symlink("nothing", source() / "a" / "dead.mid");
  ASSERT_EQ(mkfifo((source() / "pipe.mid").c_str(), 0600), 0);
  const Source found = listed();
  EXPECT_EQ(paths(found), (Paths{"a/one.mid", "a/two.mid"}));
  ASSERT_EQ(found.rejects.size(), 2u);
  EXPECT_EQ(found.rejects[0].path, "a/dead.mid");
  EXPECT_EQ(found.rejects[0].code, ErrorCode::not_found);
  EXPECT_EQ(found.rejects[1].path, "pipe.mid");
  EXPECT_EQ(found.rejects[1].code, ErrorCode::io);
  EXPECT_EQ(found.skipped.at("symbolic links to folders"), 1u);
}

TEST_F(SourceTest, Maestro_TakesTheSplitOfTheCsv) {
  for (const char* name : {"2004/a.midi", "2004/b.midi", "2006/c.midi", "2006/extra.midi"}) write(name, "x");
  write("maestro-v3.0.0.csv",
        "canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration\n"
        "\"Bach, J. S.\",\"A \"\"title\"\"\",train,2004,2004/a.midi,a.wav,1\r\n"
        "X,Y,validation,2004,2004/b.midi,b.wav,1\n"
        "X,Y,test,2006,2006/c.midi,c.wav,1\n"
        "X,Y,test,2006,2006/gone.midi,c.wav,1\n");
  const Source found = listed();
  EXPECT_EQ(found.layout, "maestro");
  EXPECT_EQ(found.licence, "CC BY-NC-SA 4.0");
  EXPECT_TRUE(found.official_split);
  ASSERT_EQ(paths(found), (Paths{"2004/a.midi", "2004/b.midi", "2006/c.midi"}));
  EXPECT_EQ(found.entries[0].split, Split::kTrain);
  EXPECT_EQ(found.entries[1].split, Split::kValidation);
  EXPECT_EQ(found.entries[2].split, Split::kTest);
  ASSERT_EQ(found.rejects.size(), 2u);
  EXPECT_EQ(found.rejects[0].path, "2006/extra.midi");
  EXPECT_EQ(found.rejects[0].code, ErrorCode::unsupported);
  EXPECT_EQ(found.rejects[1].path, "2006/gone.midi");
  EXPECT_EQ(found.rejects[1].code, ErrorCode::not_found);
}

TEST_F(SourceTest, Maestro_BrokenCsvNamesFileAndLine) {
  write("a.midi", "x");
  for (const char* text : {"split,midi_filename\ntrain\n", "split,midi_filename\n\"train,a.midi\n", "a,b\n1,2\n",
                           "split,midi_filename\nsometimes,a.midi\n", "split,midi_filename\ntrain,a\ntest,a\n"}) {
    write("maestro-v9.csv", text);
    const auto result = list_source(source());
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code, ErrorCode::malformed);
    EXPECT_NE(result.error().path.find("maestro-v9.csv"), std::string::npos);
    EXPECT_FALSE(result.error().where.empty());
  }
}

TEST_F(SourceTest, Groove_IsKnownByItsColumns) {
  write("drummer1/a.mid", "x");
  write("info.csv", "drummer,id,midi_filename,split\ndrummer1,1,drummer1/a.mid,test\n");
  EXPECT_EQ(listed().layout, "groove");
  EXPECT_EQ(listed().licence, "CC BY 4.0");
  EXPECT_EQ(listed().entries.at(0).split, Split::kTest);
  write("info.csv", "something,else\n1,2\n");
  EXPECT_EQ(listed().layout, "folder");
}

TEST_F(SourceTest, Pop909_SkipsAlternativeVersionsAndCountsThem) {
  for (const char* name :
       {"POP909/001/001.mid", "POP909/001/versions/001-v1.mid", "POP909/001/versions/001-v2.mid", "POP909/002/002.mid"})
    write(name, "x");
  const Source found = listed();
  EXPECT_EQ(found.layout, "pop909");
  EXPECT_EQ(paths(found), (Paths{"POP909/001/001.mid", "POP909/002/002.mid"}));
  ASSERT_EQ(found.skipped.size(), 1u);
  EXPECT_EQ(found.skipped.begin()->second, 2u);
}

TEST_F(SourceTest, VersionsFolderElsewhereIsMusicLikeAnyOther) {
  write("001/other.mid", "x");
  write("001/versions/a.mid", "x");
  EXPECT_EQ(paths(listed()).size(), 2u);
}

TEST_F(SourceTest, Jsb_HasItsSplitsInOneFile) {
  write("jsb-chorales-8th.json", "{}");
  write("Jsb16thSeparated.json",
        R"({"train": [[[60, 55, 52, 48], [60, 57, -1, 48], [62, 57, 53, 50]], [[72, 67, 64, 48]]],
            "valid": [[[61, 56, 53, 49]]], "test": []})");
  const Source found = listed();
  EXPECT_EQ(found.layout, "jsb");
  EXPECT_TRUE(found.official_split);
  EXPECT_EQ(paths(found),
            (Paths{"Jsb16thSeparated.json/test", "Jsb16thSeparated.json/train", "Jsb16thSeparated.json/valid"}));
  EXPECT_EQ(found.file_of(1), source() / "Jsb16thSeparated.json");
  const auto scores = read_entry(found, 1);
  ASSERT_TRUE(scores.ok()) << scores.error().to_line();
  ASSERT_EQ(scores->size(), 2u);
  const score::Score& first = scores->front();
  ASSERT_EQ(first.tracks.size(), 4u);
  ASSERT_EQ(first.tracks[0].notes.size(), 2u) << "a pitch that continues is held";
  EXPECT_EQ(first.tracks[0].notes[0].duration, score::Ticks(240));
  EXPECT_EQ(first.tracks[0].notes[1].onset, score::Ticks(240));
  EXPECT_EQ(first.tracks[2].notes.size(), 2u) << "the silence is none";
  EXPECT_EQ(read_entry(found, 0).error().code, ErrorCode::no_notes);
  write("Jsb16thSeparated.json", R"({"train": [[[60, 55, 52, 48], [60, 57, 200, 48]]], "valid": [], "test": []})");
  const auto broken = read_entry(found, 1);
  EXPECT_EQ(broken.error().code, ErrorCode::malformed);
  EXPECT_EQ(broken.error().where, "chorale 1, step 2");
}

TEST_F(SourceTest, Jsb_CountsTheMusicBesideItsFile) {
  write("Jsb16thSeparated.json", "{}");
  EXPECT_TRUE(listed().skipped.empty());
  for (const char* name : {"a.mid", "b.mid", "c.mid"}) write(name, "x");
  const Source found = listed();
  EXPECT_EQ(found.entries.size(), 3u);
  EXPECT_EQ(found.skipped, (std::map<std::string, std::uint64_t>{{"files beside the grid of sixteenths (jsb)", 3}}));
}

TEST_F(SourceTest, Nottingham_TakesEachTuneOnce) {
  for (const char* name : {"MIDI/a.mid", "MIDI/melody/a.mid", "MIDI/chords/a.mid", "ABC_cleaned/a.abc"})
    write(name, "x");
  const Source found = listed();
  EXPECT_EQ(found.layout, "nottingham");
  EXPECT_EQ(paths(found), (Paths{"MIDI/a.mid"}));
  EXPECT_EQ(found.skipped.begin()->second, 3u);
}

TEST_F(SourceTest, OpenEwld_IsKnownByItsPlaceAndItsReadme) {
  write("dataset/Someone/Song/Song.mxl", "x");
  EXPECT_EQ(listed().layout, "folder");
  write("README.md", "# 2018 OpenEWLD\n");
  EXPECT_EQ(listed().layout, "openewld");
  EXPECT_EQ(listed().entries.size(), 1u);
  write("elsewhere.mid", "x");
  EXPECT_EQ(listed().layout, "openewld") << "other music beside it";
  std::filesystem::remove_all(source() / "dataset");
  EXPECT_EQ(listed().layout, "folder") << "none of its sheets";
}

TEST_F(SourceTest, Lakh_IsKnownByNamesThatAreHashes) {
  write("lmd_full/f/f8b9a90823dd6af25ac67eaf8fef6a43.mid", "x");
  write("lmd_full/0/0857669fd06d0dd1a8c5e33cf4ce8f4b.mid", "x");
  EXPECT_EQ(listed().layout, "lakh");
  EXPECT_FALSE(listed().official_split);
  write("lmd_full/0/other.mid", "x");
  EXPECT_EQ(listed().layout, "folder");
}

TEST_F(SourceTest, AriaMidi_IsKnownByMetadataAndSegments) {
  write("data/aa/012345_0.mid", "x");
  write("metadata.json", "{}");
  EXPECT_EQ(listed().layout, "aria-midi");
  EXPECT_EQ(listed().licence, "CC BY-NC-SA 4.0");
}

TEST_F(SourceTest, GigaMidi_TakesTheSplitOfItsFolders) {
  write("train/training-V1.1-80%/drums-only/a.mid", "x");
  write("validation/validation-V1.1-10%/b.mid", "x");
  write("test/testing-V1.1-10%/c.mid", "x");
  const Source found = listed();
  EXPECT_EQ(found.layout, "gigamidi");
  ASSERT_EQ(found.entries.size(), 3u);
  EXPECT_EQ(found.entries[0].split, Split::kTest);
  EXPECT_EQ(found.entries[1].split, Split::kTrain);
  EXPECT_EQ(found.entries[2].split, Split::kValidation);
}

TEST_F(SourceTest, UnreadableMusicIsARejectAndNotPassedOver) {
  write("a.mid", "x");
  write("b.krn", "x");
  const Source found = listed();
  ASSERT_EQ(found.entries.size() + found.rejects.size(), 2u);
}

TEST_F(SourceTest, List_NamesFilesWithOrWithoutASplit) {
  write("b/two.mid", "x");
  write("one.mid", "x");
  write("mine.txt", "# my favourites\none.mid\r\n\nb/two.mid\ngone.mid\n");
  auto found = list_source(source() / "mine.txt");
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  EXPECT_EQ(found->layout, "list");
  EXPECT_EQ(found->name, "mine");
  EXPECT_EQ(paths(*found), (Paths{"b/two.mid", "one.mid"}));
  ASSERT_EQ(found->rejects.size(), 1u);
  EXPECT_EQ(found->rejects[0].path, "gone.mid");
  EXPECT_FALSE(found->official_split);
  write("mine.txt", "one.mid\ttest\nb/two.mid\ttrain\n");
  found = list_source(source() / "mine.txt");
  ASSERT_TRUE(found.ok()) << found.error().to_line();
  EXPECT_TRUE(found->official_split);
  EXPECT_EQ(found->entries[1].split, Split::kTest);
}

TEST_F(SourceTest, List_FaultsNameTheLine) {
  write("one.mid", "x");
  const auto error_of = [&](std::string_view text) {
    write("mine.txt", text);
    const auto found = list_source(source() / "mine.txt");
    return found.ok() ? Error{} : found.error();
  };
  EXPECT_EQ(error_of("one.mid\none.mid\n").where, "line 2");
  EXPECT_EQ(error_of("one.mid\tsometimes\n").where, "line 1");
  EXPECT_EQ(error_of("one.mid\ttest\ntwo.mid\n").code, ErrorCode::malformed);
  EXPECT_EQ(error_of("# nothing\n").code, ErrorCode::empty);
  EXPECT_EQ(error_of(std::string_view("a\0b", 3)).code, ErrorCode::io);
  EXPECT_EQ(error_of("gone.mid\n").to_line(),
            (source() / "mine.txt").string() + ": lists no file that exists; the first is 'gone.mid'");
  EXPECT_LT(error_of("{\"train\": [" + std::string(100000, '6') + "]}").to_line().size(), 400u);
}

TEST_F(SourceTest, MissingFolderAndFileAreErrors) {
  EXPECT_EQ(list_source(source() / "none").error().code, ErrorCode::not_found);
  write("a.mid", "x");
  EXPECT_EQ(list_source(source() / "a.mid").error().code, ErrorCode::io);
}

constexpr const char* kFirst = "MIDI-Unprocessed_01_R1_2008_wav--1.midi";
constexpr const char* kSecond = "ORIG-MIDI_02_R1_2011_wav--2.midi";
std::string maestro_csv() {
  return std::string("split,midi_filename\ntrain,2008/") + kFirst + "\ntest,2011/" + kSecond + "\n";
}

TEST_F(SourceTest, Maestro_FilesCopiedIntoOneFolderKeepTheirSplit) {
  for (const char* name : {kFirst, kSecond, "mine.mid"}) write(name, "x");
  write("maestro-v3.0.0.csv", maestro_csv());
  const Source found = listed();
  EXPECT_EQ(found.layout, "maestro");
  ASSERT_EQ(paths(found), (Paths{kFirst, kSecond}));
  EXPECT_EQ(found.entries[0].split, Split::kTrain);
  EXPECT_EQ(found.entries[1].split, Split::kTest);
  ASSERT_EQ(found.rejects.size(), 1u) << "nothing is missing, since both are here";
  EXPECT_EQ(found.rejects[0].path, "mine.mid");
}

TEST_F(SourceTest, Maestro_ACopyBesideTheListedFileIsNotASecondPiece) {
  write(std::string("2008/") + kFirst, "x");
  write(std::string("2011/") + kSecond, "x");
  write(std::string("0-backup/") + kFirst, "x");
  write("maestro-v3.0.0.csv", maestro_csv());
  const Source found = listed();
  EXPECT_EQ(paths(found), (Paths{std::string("2008/") + kFirst, std::string("2011/") + kSecond}));
  ASSERT_EQ(found.rejects.size(), 1u);
  EXPECT_EQ(found.rejects[0].path, std::string("0-backup/") + kFirst);
}

TEST_F(SourceTest, Maestro_JsonIsATableAsWell) {
  for (const char* name : {kFirst, kSecond}) write(name, "x");
  write("maestro-v3.0.0.json",
        std::string(R"({"split": {"0": "validation", "1": "test"}, "midi_filename": {"0": "2008/)") + kFirst +
            R"(", "1": "2011/)" + kSecond + R"("}})");
  const Source found = listed();
  EXPECT_EQ(found.layout, "maestro");
  ASSERT_EQ(found.entries.size(), 2u);
  EXPECT_EQ(found.entries[0].split, Split::kValidation);
  write("maestro-v3.0.0.json", R"({"split": {"0": "test"}, "midi_filename": {"0": 5}})");
  const auto broken = list_source(source());
  EXPECT_EQ(broken.error().code, ErrorCode::malformed);
  EXPECT_EQ(broken.error().where, "entry 0");
  write("maestro-v3.0.0.json", R"(["split", "midi_filename"])");
  EXPECT_EQ(list_source(source()).error().code, ErrorCode::malformed);
}

TEST_F(SourceTest, Maestro_TableFurtherDownCountsForAFolderOfNothingElse) {
  write(std::string("maestro-v3.0.0/2008/") + kFirst, "x");
  write(std::string("copied/") + kSecond, "x");
  write("maestro-v3.0.0/maestro-v3.0.0.csv", maestro_csv());
  EXPECT_EQ(listed().layout, "maestro");
  EXPECT_TRUE(listed().rejects.empty());
  write("mine.mid", "x");
  const Source mixed = listed();
  EXPECT_EQ(mixed.layout, "folder");
  EXPECT_FALSE(mixed.official_split);
  EXPECT_EQ(mixed.entries.size(), 3u) << "none is a reject for belonging to no collection";
  ASSERT_EQ(mixed.notes.size(), 1u);
  EXPECT_NE(mixed.notes[0].find("of 3 music files maestro-v3.0.0/maestro-v3.0.0.csv lists 2"), std::string::npos)
      << mixed.notes[0];
}

TEST_F(SourceTest, Maestro_FilesWithoutTheirTableGiveANote) {
  for (const char* name : {kFirst, kSecond}) write(name, "x");
  const Source found = listed();
  EXPECT_EQ(found.layout, "folder");
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_NE(found.notes[0].find("maestro-v3.0.0.csv"), std::string::npos);
  write("mine.mid", "x");
  EXPECT_TRUE(listed().notes.empty());
}

TEST_F(SourceTest, Groove_ANameOfSeveralSplitsIsNotGuessed) {
  write("1_funk-groove1_138_beat_4-4.mid", "x");
  write("2_rock_90_fill_4-4.mid", "x");
  EXPECT_EQ(listed().notes.size(), 1u) << "the names are Groove's";
  write("info.csv",
        "drummer,midi_filename,split\nd1,d1/1_funk-groove1_138_beat_4-4.mid,test\n"
        "d2,d2/1_funk-groove1_138_beat_4-4.mid,train\nd1,d1/2_rock_90_fill_4-4.mid,train\n"
        "d2,d2/2_rock_90_fill_4-4.mid,train\n");
  const Source found = listed();
  EXPECT_EQ(found.layout, "groove");
  EXPECT_EQ(paths(found), (Paths{"2_rock_90_fill_4-4.mid"}));
  ASSERT_EQ(found.rejects.size(), 4u);
  EXPECT_NE(found.rejects[0].reason.find("several splits"), std::string::npos);
}

TEST_F(SourceTest, EntriesNameTheirFileAndTheirPart) {
  const SourceEntry whole{.path = "a/b.mid"};
  EXPECT_EQ(whole.file(), "a/b.mid");
  EXPECT_EQ(whole.part(), "");
  const SourceEntry part{.path = "book.json/train", .file_length = 9};
  EXPECT_EQ(part.file(), "book.json");
  EXPECT_EQ(part.part(), "train");
}

}  // namespace
}  // namespace continuo::corpus
