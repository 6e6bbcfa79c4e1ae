#include "continuo/dataset/build.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <sys/stat.h>
#include <unistd.h>

#include "continuo/dataset/filters.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"
#include "continuo/tokens/vocabulary.h"

#include "build_fixture.h"

namespace continuo::dataset {
namespace {

namespace fs = std::filesystem;

TEST_F(BuildTest, Pieces_AreWhatTheTokenizerSays) {
  write_pieces(12);
  const BuildReport report = built(options());
  EXPECT_EQ(total(report.pieces), 12u);
  EXPECT_EQ(report.files, 12u);
  EXPECT_EQ(report.notes, 240u);
  EXPECT_EQ(report.split_rule, "by content hash, 80/10/10");
  const TokenDataset dataset = opened();
  const auto tokenizer = tokens::tokenizer_from_json(dataset.tokenizer());
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_EQ((*tokenizer)->vocabulary().size(), dataset.vocabulary_size());
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    EXPECT_GE(dataset.split(split).pieces(), 1u);
    for (const auto& [name, tokens] : pieces_of(dataset, split)) {
      const auto score = notation::read_score(source() / name);
      ASSERT_TRUE(score.ok());
      auto ids = (*tokenizer)->encode(*score);
      ASSERT_TRUE(ids.ok());
      ids->insert(ids->begin(), tokens::kBos);
      ids->push_back(tokens::kEos);
      EXPECT_EQ(std::vector<TokenId>(tokens.begin(), tokens.end()), *ids);
    }
  }
}

TEST_F(BuildTest, Bytes_AreTheSameAgainAndForAnyNumberOfThreads) {
  write_pieces(40);
  for (const char* tokenizer : {"remi", "note_chord"}) {
    BuildOptions with = options();
    with.tokenizer = tokenizer;
    built(with, 1);
    const auto first = contents(output());
    built(with, 1);
    EXPECT_EQ(contents(output()), first);
    built(with, 3);
    EXPECT_EQ(contents(output()), first);
  }
}

TEST_F(BuildTest, AMadeTokenizer_TakesThePlaceOfTheName) {
  write_pieces(8);
  BuildOptions with = options();
  with.replace = false;
  with.made_tokenizer = tokens::make_tokenizer("tsd").value();
  built(with);
  EXPECT_EQ(opened().tokenizer(), with.made_tokenizer->to_json());
  EXPECT_TRUE(built(with).complete_before);
  with.made_tokenizer = tokens::make_tokenizer("octuple").value();
  EXPECT_EQ(run(with).error().code, ErrorCode::incompatible);
}

TEST_F(BuildTest, Seed_ChangesTheSplit) {
  write_pieces(40);
  built(options());
  const auto first = pieces_of(opened(), Split::kTest);
  BuildOptions other = options();
  other.seed = 1;
  built(other);
  EXPECT_NE(pieces_of(opened(), Split::kTest), first);
}

TEST_F(BuildTest, Rejects_EachFileWithItsReason) {
  write_pieces(8);
  write_music("again.mid", music(3));
  write_music("silent.mid", music(50, 0));
  write_music("short.mid", music(51, 3));
  write("broken.mid", "MThd");
  write("not_midi.mid", "hello, world, this is no midi file at all");
  write("empty.mid", "");
  const BuildReport report = built(options());
  EXPECT_EQ(report.files, 14u);
  EXPECT_EQ(total(report.pieces) + count_of(report.rejects), 14u);
  std::map<std::string, RejectRow> rejects;
  for (const RejectRow& reject : rejects_of(output())) rejects[reject.path] = reject;
  ASSERT_EQ(rejects.size(), 6u);
  EXPECT_EQ(rejects["piece03.mid"].code, "duplicate");
  EXPECT_EQ(rejects["piece03.mid"].reason, "has the same notes as again.mid");
  EXPECT_EQ(rejects["silent.mid"].code, "no_notes");
  EXPECT_EQ(rejects["short.mid"].code, "too_short");
  EXPECT_NE(rejects["short.mid"].reason.find("3 notes"), std::string::npos);
  EXPECT_EQ(rejects["empty.mid"].code, "empty");
  EXPECT_EQ(rejects["broken.mid"].where.substr(0, 4), "byte") << "the place in the file has its own column";
  EXPECT_EQ(rejects["broken.mid"].reason.find("byte"), std::string::npos);
  EXPECT_EQ(report.examples.at("duplicate"), "piece03.mid: has the same notes as again.mid");
  const auto csv = read_text_file(output() / "rejects.csv");
  EXPECT_EQ(csv->substr(0, csv->find('\n')), "path,code,reason,where");
}

TEST_F(BuildTest, LeftOut_IsCountedByKind) {
  write_pieces(6);
  EXPECT_TRUE(built(options()).left_out.empty());
  write_cues("cue.musicxml");
  EXPECT_EQ(built(options()).left_out, (std::map<std::string, std::uint64_t>{{"cue notes", 2}}));
}

TEST_F(BuildTest, Filters_MetersAndBarsThatMusicHas) {
  write_pieces(6);
  score::Score early = music(61);  // each new meter begins in the middle of a bar
  early.time_signatures = {{score::Ticks(0), 4, 4}, {score::Ticks(700), 3, 4}, {score::Ticks(1400), 4, 4}};
  write_music("early.mid", early);
  score::Score short_bars = music(62);
  short_bars.irregular_bars = {{score::Ticks(0), score::Ticks(30)}, {score::Ticks(30), score::Ticks(700)}};
  EXPECT_FALSE(corrupt_meter(short_bars));
  EXPECT_TRUE(built(options()).rejects.empty());
}

TEST_F(BuildTest, Filters_OnePitchAndMeterAndLengthAndDuplicatesByChoice) {
  write_pieces(6);
  write_music("again.mid", music(2));
  score::Score monotone = music(60);
  for (auto& note : monotone.tracks[0].notes) note.pitch = 60;
  write_music("monotone.mid", monotone);
  score::Score hasty = music(61);
  hasty.time_signatures = {{score::Ticks(0), 4, 4}, {score::Ticks(700), 1, 32}};
  write_music("hasty.mid", hasty);
  BuildOptions with = options();
  EXPECT_EQ(built(with).rejects,
            (std::map<std::string, std::uint64_t>{{"corrupt_meter", 1}, {"duplicate", 1}, {"one_pitch", 1}}));
  const auto rejects = rejects_of(output());
  const auto hasty_reject = std::ranges::find(rejects, std::string("hasty.mid"), &RejectRow::path);
  ASSERT_NE(hasty_reject, rejects.end());
  EXPECT_EQ(hasty_reject->reason,
            "has the time signature 1/32 in bar 2, whose bars are shorter than a sixteenth note; --keep-corrupt-meter "
            "keeps such pieces");
  with.filters.corrupt_meter = false;
  with.filters.min_pitches = 1;
  with.filters.duplicates = false;
  EXPECT_TRUE(built(with).rejects.empty());
  EXPECT_EQ(total(built(with).pieces), 9u);
  with.filters.min_seconds = 3600;
  EXPECT_EQ(run(with).error().code, ErrorCode::empty);
}

TEST_F(BuildTest, Filters_LeaveOfficialSplitsAloneUnlessToldOtherwise) {
  write_music("a.mid", music(1));
  write_music("b.mid", music(1));
  write_music("c.mid", music(2, 2));
  write("maestro-v3.csv", "split,midi_filename\ntrain,a.mid\ntest,b.mid\nvalidation,c.mid\n");
  EXPECT_TRUE(built(options()).rejects.empty());
  BuildOptions with = options();
  with.filters.official = true;
  EXPECT_EQ(built(with).rejects, (std::map<std::string, std::uint64_t>{{"duplicate", 1}, {"too_short", 1}}));
}

TEST_F(BuildTest, Books_GiveOnePieceATune) {
  std::string book;
  for (int tune = 1; tune <= 5; ++tune)
    book += "X:" + std::to_string(tune) + "\nT:Tune\nM:4/4\nL:1/4\nK:C\n" + std::string(std::size_t(tune), 'C') +
            " DEFG | ABcd |]\n\n";
  write("tunes/book.abc", book);
  const BuildReport report = built(options());
  EXPECT_EQ(report.files, 1u);
  EXPECT_EQ(total(report.pieces), 5u);
  const TokenDataset dataset = opened();
  std::map<std::string, std::vector<std::uint16_t>> all;
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) all.merge(pieces_of(dataset, split));
  for (int tune = 1; tune <= 5; ++tune) EXPECT_TRUE(all.contains("tunes/book.abc#" + std::to_string(tune)));
}

TEST_F(BuildTest, Transposing_MovesTrainingPiecesOnlyAndNoDrums) {
  write_pieces(12);
  write_music("drums.mid", music(77, 20, true));
  BuildOptions moved = options();
  built(moved);
  const auto plain_train = pieces_of(opened(), Split::kTrain);
  const auto plain_test = pieces_of(opened(), Split::kTest);
  moved.transpose_down = 2;
  moved.transpose_up = 1;
  built(moved);
  const auto train = pieces_of(opened(), Split::kTrain);
  EXPECT_EQ(pieces_of(opened(), Split::kTest), plain_test);
  const std::size_t drums = plain_train.contains("drums.mid");
  EXPECT_EQ(train.size(), drums + 4 * (plain_train.size() - drums));
  for (const auto& [name, tokens] : plain_train) {
    EXPECT_EQ(train.at(name), tokens);
    if (name == "drums.mid") continue;
    EXPECT_NE(train.at(name + "@-2"), tokens);
    EXPECT_NE(train.at(name + "@+1"), tokens);
  }
}

TEST_F(BuildTest, Transposing_CountsCopiesThatWouldLeaveTheRange) {
  write_pieces(6);
  BuildOptions far = options();
  far.transpose_down = 60;
  const BuildReport report = built(far);
  ASSERT_EQ(report.skipped.size(), 1u);
  const std::uint64_t originals = opened().split(Split::kTrain).pieces() + report.skipped.begin()->second;
  EXPECT_EQ(originals % 61, 0u);
}

TEST_F(BuildTest, NoteChord_LearnsFromTrainingPiecesOnly) {
  write_pieces(30);
  BuildOptions learned = options();
  learned.tokenizer = "note_chord";
  const BuildReport report = built(learned);
  EXPECT_EQ(total(report.pieces) + count_of(report.rejects), 30u);
  const TokenDataset dataset = opened();
  std::vector<score::Score> training;
  for (const auto& [name, tokens] : pieces_of(dataset, Split::kTrain))
    training.push_back(*notation::read_score(source() / name));
  const auto expected = tokens::make_tokenizer("note_chord", training);
  ASSERT_TRUE(expected.ok());
  EXPECT_EQ((*expected)->to_json(), dataset.tokenizer());
}

// Of tokenisations whose vocabulary is not learned, performance composes drums where all of the music is drums.
TEST_F(BuildTest, Tokenizer_IsThatForDrumsWhereAllIsDrums) {
  const std::vector<score::Score> drums = {music(1, 20, true)};
  for (const bool piano_too : {false, true}) {
    for (int i = 0; i < 4; ++i) write_music("drums" + std::to_string(i) + ".mid", music(std::uint64_t(i), 20, true));
    if (piano_too) write_pieces(2);
    for (const char* name : {"performance", "remi", "tsd"}) {
      BuildOptions with = options();
      with.tokenizer = name;
      built(with);
      const auto expected = piano_too ? tokens::make_tokenizer(name) : tokens::make_tokenizer(name, drums);
      EXPECT_EQ(opened().tokenizer(), (*expected)->to_json()) << name << " " << piano_too;
    }
  }
}

TEST_F(BuildTest, Official_KeepsDuplicatesAndShortPiecesInTheirSplits) {
  write_music("a.mid", music(1));
  write_music("b.mid", music(1));
  write_music("c.mid", music(2, 2));
  write_music("d.mid", music(3, 0));
  write("maestro-v3.csv", "split,midi_filename\ntrain,a.mid\ntest,b.mid\nvalidation,c.mid\ntest,d.mid\n");
  const BuildReport report = built(options());
  EXPECT_EQ(report.split_rule, "official");
  EXPECT_EQ(report.pieces, (std::array<std::uint64_t, 3>{1, 1, 1}));
  EXPECT_EQ(report.rejects, (std::map<std::string, std::uint64_t>{{"no_notes", 1}}));
  EXPECT_EQ(opened().split(Split::kTest).name(0), "b.mid");
  EXPECT_EQ(opened().licence(), "CC BY-NC-SA 4.0");
}

TEST_F(BuildTest, Output_ForeignFilesAreNeverReplaced) {
  write_pieces(6);
  fs::create_directories(output());
  std::ofstream(output() / "thesis.txt") << "years of work";
  const auto refused = run(options());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("thesis.txt"), std::string::npos);
  EXPECT_EQ(contents(output()).at("thesis.txt"), "years of work");
  fs::rename(output() / "thesis.txt", output() / "manifest.json");
  EXPECT_FALSE(run(options()).ok()) << "a manifest of something else";
  fs::remove(output() / "manifest.json");
  built(options());
  std::ofstream(output() / "thesis.txt") << "years of work";
  EXPECT_FALSE(run(options()).ok()) << "a data set with something of somebody's in it";
  EXPECT_TRUE(TokenDataset::open(output()).ok());
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(BuildTest, Output_FileInThePlaceOfTheFolder) {
  write_pieces(4);
  std::ofstream(output()) << "x";
  EXPECT_EQ(run(options()).error().code, ErrorCode::io);
  EXPECT_TRUE(fs::is_regular_file(output()));
}

TEST_F(BuildTest, Output_UnwritablePlaceIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  write_pieces(4);
  fs::create_directories(root_ / "locked");
  fs::permissions(root_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  BuildOptions locked = options();
  locked.output = root_ / "locked" / "data";
  const auto result = run(locked);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::io);
  EXPECT_NE(result.error().path.find("locked"), std::string::npos);
}

TEST_F(BuildTest, Output_FailedBuildLeavesTheOldDatasetAndNothingElse) {
  write_pieces(6);
  built(options());
  const auto before = contents(output());
  for (const auto& entry : fs::directory_iterator(source())) fs::resize_file(entry.path(), 5);
  const auto failed = run(options());
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::empty);
  EXPECT_EQ(contents(output()), before);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(BuildTest, Output_FoldersAreMadeAndRemovedAgainOnFailure) {
  write_pieces(4);
  BuildOptions deep = options();
  deep.output = root_ / "x" / "y" / "data";
  built(deep);
  EXPECT_TRUE(TokenDataset::open(deep.output).ok());
  fs::remove_all(root_ / "x");
  fs::remove_all(source());
  fs::create_directories(source());
  EXPECT_FALSE(run(deep).ok());
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(BuildTest, Interrupted_LeavesTheOldDatasetAndGoesOnLater) {
  write_pieces(40);
  write_cues("a.musicxml");  // is read first
  built(options());
  const auto before = contents(output());
  for (int updates = 0; updates < 8; ++updates) {
    ThreadPool pool(1);
    StopAfter progress(updates);
    const auto result = build(options(), pool, progress);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::interrupted);
    EXPECT_EQ(contents(output()), before);
    EXPECT_EQ(left_behind(), std::vector<std::string>{"output.building"});
  }
  const BuildReport report = built(options());
  EXPECT_EQ(report.left_out, (std::map<std::string, std::uint64_t>{{"cue notes", 2}}));
  EXPECT_GT(report.resumed_pieces, 8u) << "each of the runs did a few more";
  EXPECT_LT(report.resumed_pieces, 40u);
  EXPECT_EQ(contents(output()), before);
  EXPECT_TRUE(left_behind().empty());
}

TEST_F(BuildTest, NothingUsable_SaysWhatWasSeenAndWhy) {
  const auto none = run(options());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::empty);
  EXPECT_EQ(none.error().path, source().string());
  write_music("silent.mid", music(1, 0));
  write("broken.mid", "MThd");
  for (const char* tokenizer : {"remi", "note_chord"}) {
    BuildOptions with = options();
    with.tokenizer = tokenizer;
    const auto result = run(with);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::empty);
    EXPECT_NE(result.error().what.find("2 music files"), std::string::npos) << result.error().what;
    EXPECT_NE(result.error().what.find("silent.mid"), std::string::npos);
    EXPECT_NE(result.error().what.find("broken.mid"), std::string::npos);
  }
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(BuildTest, Options_ThatMakeNoSense) {
  write_pieces(4);
  const auto code_with = [&](auto change) {
    BuildOptions changed = options();
    change(changed);
    const auto result = run(changed);
    return result.ok() ? ErrorCode::duplicate : result.error().code;
  };
  EXPECT_EQ(code_with([](auto& o) { o.tokenizer = "morse"; }), ErrorCode::unsupported);
  EXPECT_EQ(code_with([](auto& o) { o.shard_index = 2, o.shard_count = 2; }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_with([](auto& o) { o.shard_count = 0; }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_with([](auto& o) { o.transpose_up = -1; }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_with([](auto& o) { o.source /= "none"; }), ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(output()));
}

TEST_F(BuildTest, FileNamesThatAreNotUtf8Survive) {
  write_pieces(4);
  fs::rename(source() / "piece00.mid", source() /
                                           "pi\xe9"
                                           "ce.mid");
  write("br\xf6ken.mid", "MThd");
  const BuildReport report = built(options());
  EXPECT_EQ(total(report.pieces), 4u);
  bool found = false;
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest})
    found |= pieces_of(opened(), split)
                 .contains(
                     "pi\xe9"
                     "ce.mid");
  EXPECT_TRUE(found);
}

TEST_F(BuildTest, Split_FollowsTheSharesAndKeepsThemInTheManifest) {
  write_pieces(40);
  BuildOptions with = options();
  with.split = SplitShares{.train = 50, .validation = 25, .test = 25};
  const BuildReport report = built(with);
  EXPECT_EQ(report.split_rule, "by content hash, 50/25/25");
  EXPECT_EQ(opened().split_rule(), "by content hash, 50/25/25");
  EXPECT_EQ(total(report.pieces), 40u);
  EXPECT_LT(report.pieces[0], 28u);
  EXPECT_GE(report.pieces[1], 5u);
  with.split = SplitShares{.train = 80, .validation = 30, .test = 10};
  EXPECT_EQ(run(with).error().code, ErrorCode::invalid_argument);
  with.split = SplitShares{};
  built(with);
  const auto given = contents(output());
  built(options());
  EXPECT_EQ(contents(output()), given) << "80/10/10 is the default";
}

TEST_F(BuildTest, Split_TakesThePlaceOfAnOfficialOneOnlyWhenGiven) {
  write_pieces(12);
  std::string csv = "split,midi_filename\n";
  for (int i = 0; i < 12; ++i)
    csv += (i < 11 ? "test,piece" : "train,piece") + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".mid\n";
  write("maestro-v3.csv", csv);
  EXPECT_EQ(built(options()).pieces, (std::array<std::uint64_t, 3>{1, 0, 11}));
  BuildOptions with = options();
  with.split = SplitShares{};
  const BuildReport report = built(with);
  EXPECT_EQ(report.layout, "maestro");
  EXPECT_EQ(report.split_rule, "by content hash, 80/10/10");
  EXPECT_GT(report.pieces[0], 5u);
  EXPECT_EQ(total(report.pieces), 12u);
}

TEST_F(BuildTest, Split_WorksForACollectionThatIsOneFile) {
  std::string chorales;
  for (int i = 0; i < 12; ++i)
    chorales +=
        std::string(i > 0 ? "," : "") + "[[60,57,53,48],[62,57,53," + std::to_string(40 + i) + "],[64,60,55,48]]";
  write("Jsb16thSeparated.json", R"({"train": [)" + chorales + R"(], "valid": [], "test": []})");
  BuildOptions with = options();
  with.split = SplitShares{.train = 50, .validation = 25, .test = 25};
  const BuildReport report = built(with);
  EXPECT_EQ(report.layout, "jsb");
  EXPECT_EQ(total(report.pieces), 12u);
  EXPECT_GE(report.pieces[1], 1u);
}

TEST_F(BuildTest, Split_OfFewPiecesIsWarnedOf) {
  write_pieces(12);
  const BuildReport few = built(options());
  ASSERT_LT(few.pieces[1], 5u);
  ASSERT_LT(few.pieces[2], 5u);
  ASSERT_EQ(few.warnings.size(), 2u);
  EXPECT_NE(few.warnings[0].find("validation split has only " + std::to_string(few.pieces[1]) + " piece"),
            std::string::npos)
      << few.warnings[0];
  EXPECT_NE(few.warnings[1].find("--split"), std::string::npos);
  BuildOptions with = options();
  with.split = SplitShares{.train = 100, .validation = 0, .test = 0};
  EXPECT_TRUE(built(with).warnings.empty()) << "what nobody asked for is not missed";
  with.split = SplitShares{.train = 10, .validation = 45, .test = 45};
  with.seed = 4;
  const BuildReport even = built(with);
  EXPECT_EQ(even.warnings.size(), static_cast<std::size_t>((even.pieces[1] < 5) + (even.pieces[2] < 5)));
}

TEST_F(BuildTest, Notes_OfTheSourceAreWarnings) {
  for (int i = 0; i < 6; ++i)
    write_music("MIDI-Unprocessed_" + std::to_string(i) + ".midi", music(static_cast<std::uint64_t>(i)));
  const BuildReport report = built(options());
  ASSERT_FALSE(report.warnings.empty());
  EXPECT_NE(report.warnings[0].find("MAESTRO"), std::string::npos);
}

}  // namespace
}  // namespace continuo::dataset
