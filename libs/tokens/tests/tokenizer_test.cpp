#include "continuo/tokens/tokenizer.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/note_chord.h"
#include "continuo/tokens/performance.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/remi.h"

#include "random_score.h"
#include "tokens_of_text.h"

namespace continuo::tokens {
namespace {

using nlohmann::json;
using score::Score;
using score::Ticks;

Score score_of(std::vector<score::Note> notes, bool is_drum = false) {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].is_drum = is_drum;
  score.tracks[0].notes = std::move(notes);
  return score;
}

TEST(Vocabulary, BeginsWithTheSpecialFour) {
  const Vocabulary vocabulary = Vocabulary::make({"a", "b"}).value();
  EXPECT_EQ(vocabulary.size(), 6);
  EXPECT_EQ(vocabulary.find("PAD"), kPad);
  EXPECT_EQ(vocabulary.find("BOS"), kBos);
  EXPECT_EQ(vocabulary.find("EOS"), kEos);
  EXPECT_EQ(vocabulary.find("MASK"), kMask);
  EXPECT_EQ(vocabulary.find("b"), 5);
  EXPECT_EQ(vocabulary.word(5), "b");
  EXPECT_EQ(vocabulary.find("c"), std::nullopt);
}

TEST(Vocabulary, Kind_IsTheNameThatAWordBeginsWith) {
  const std::vector<std::string> words = {"Pitch_60", "Bar", "Pitch_60&Velocity_8", "Bar&Position_0", "C",
                                          "60|64",    "_"};
  const auto vocabulary = Vocabulary::make(words).value();
  std::vector<std::string> kinds;
  for (TokenId token = kSpecialTokens; token < vocabulary.size(); ++token) kinds.push_back(vocabulary.kind(token));
  EXPECT_EQ(kinds, (std::vector<std::string>{"Pitch", "Bar", "Pitch", "other", "other", "other", "other"}));
  EXPECT_EQ(vocabulary.kind(kEos), "EOS");
}

TEST(Vocabulary, RefusesAWordThatStandsTwice) {
  EXPECT_EQ(Vocabulary::make({"a", "a"}).error().code, ErrorCode::malformed);
  EXPECT_EQ(Vocabulary::make({"EOS"}).error().code, ErrorCode::malformed);
}

TEST(Registry, EveryNameIsMadeDescribedAndMadeAgain) {
  const Score corpus = random_score(1, 100);
  for (const std::string_view name : tokenizer_names()) {
    const auto tokenizer = make_tokenizer(name, {&corpus, 1}).value();
    EXPECT_EQ(tokenizer->name(), name);
    EXPECT_FALSE(tokenizer_summary(name).empty());
    const auto again = tokenizer_from_json(json::parse(tokenizer->to_json().dump())).value();
    EXPECT_EQ(again->vocabulary().words(), tokenizer->vocabulary().words());
    EXPECT_EQ(again->to_json(), tokenizer->to_json());
    EXPECT_EQ(again->encode(corpus).value(), tokenizer->encode(corpus).value());
    EXPECT_EQ(again->quantise(corpus).value(), tokenizer->quantise(corpus).value());
  }
}

TEST(Tokenizers, EncodeIrregularBarsAsTimeSignatures) {
  Score score = random_score(1, 100);
  score.time_signatures = {{Ticks(0), 4, 4}};
  const std::int64_t quarter = score.ticks_per_quarter;
  score.irregular_bars = {{Ticks(4 * quarter), Ticks(3 * quarter)}, {Ticks(15 * quarter), Ticks(5 * quarter)}};
  Score plain = score;
  plain.irregular_bars = {};
  plain.time_signatures = {{Ticks(0), 4, 4},
                           {Ticks(4 * quarter), 3, 4},
                           {Ticks(7 * quarter), 4, 4},
                           {Ticks(15 * quarter), 5, 4},
                           {Ticks(20 * quarter), 4, 4}};
  for (const std::string_view name : tokenizer_names()) {
    const auto tokenizer = make_tokenizer(name, {&plain, 1}).value();
    EXPECT_EQ(tokenizer->encode(score).value(), tokenizer->encode(plain).value()) << name;
    EXPECT_EQ(tokenizer->quantise(score).value(), tokenizer->quantise(plain).value()) << name;
  }
}

TEST(Registry, UnknownNamesAndEmptyCorporaAreErrors) {
  EXPECT_EQ(make_tokenizer("mozart").error().code, ErrorCode::unsupported);
  EXPECT_EQ(make_tokenizer("note_chord").error().code, ErrorCode::no_notes);
  EXPECT_TRUE(make_tokenizer("remi").ok());
  EXPECT_TRUE(needs_learning("note_chord"));
  EXPECT_FALSE(needs_learning("remi"));
}

TEST(Registry, ANameCanMakeItsDefaultsAndWhatItLearns) {
  const json remi = make_tokenizer("remi").value()->to_json();
  EXPECT_TRUE(can_make("remi", remi).value());
  EXPECT_FALSE(can_make("tsd", remi).value());
  EXPECT_FALSE(can_make("note_chord", remi).value());
  EXPECT_TRUE(can_make("note_chord", {{"name", "note_chord"}, {"options", {{"words", 3}}}}).value());
  const json other = make_beat_tokenizer("tsd", {.velocity_bins = 16}).value()->to_json();
  EXPECT_FALSE(can_make("tsd", other).value()) << "other options";
  for (const bool drums : {false, true})
    EXPECT_TRUE(can_make("performance", make_performance({drums})->to_json()).value());
  EXPECT_EQ(can_make("mozart", remi).error().code, ErrorCode::unsupported);
}

TEST(Registry, OptionsAndVocabulariesAreNoOtherKind) {
  const json remi = make_tokenizer("remi").value()->to_json(), tsd = make_tokenizer("tsd").value()->to_json();
  EXPECT_TRUE(is_same_kind(tsd, make_beat_tokenizer("tsd", {.velocity_bins = 16}).value()->to_json()));
  EXPECT_FALSE(is_same_kind(remi, tsd));
  const auto subwords = [](const json& base) { return json{{"name", "subwords"}, {"base", base}}; };
  EXPECT_TRUE(is_same_kind(subwords(remi), subwords(remi)));
  EXPECT_FALSE(is_same_kind(subwords(remi), subwords(tsd)));
  EXPECT_FALSE(is_same_kind(subwords(remi), remi));
  EXPECT_FALSE(is_same_kind(json("remi"), json("remi"))) << "no descriptions";
  EXPECT_FALSE(is_same_kind({{"options", 1}}, {{"options", 1}}));
}

TEST(Registry, FilesAreTakenForNames) {
  const auto path =
      std::filesystem::temp_directory_path() / ("continuo-tokenizer-" + platform::unique_suffix() + ".json");
  EXPECT_TRUE(is_tokenizer_name("tsd"));
  EXPECT_TRUE(is_tokenizer_name(path.string()));
  EXPECT_FALSE(is_tokenizer_name("mozart"));
  const auto written = make_beat_tokenizer("tsd", {.velocity_bins = 16, .keys = true}).value();
  for (const json& content : {written->to_json(), miditok_json(*written)}) {
    ASSERT_TRUE(write_file(path, content.dump()).ok());
    const auto read = make_tokenizer(path.string());
    ASSERT_TRUE(read.ok()) << read.error().to_line();
    EXPECT_EQ((*read)->to_json(), written->to_json());
  }
  for (const auto& [content, code] : {std::pair("{\"name\": ", ErrorCode::wrong_format),
                                      std::pair("{\"name\": \"mozart\"}", ErrorCode::unsupported)}) {
    ASSERT_TRUE(write_file(path, std::string_view(content)).ok());
    const auto read = make_tokenizer(path.string());
    EXPECT_EQ(read.error().code, code);
    EXPECT_NE(read.error().to_line().find(path.string()), std::string::npos);
  }
  std::filesystem::remove(path);
  EXPECT_EQ(make_tokenizer(path.string()).error().code, ErrorCode::not_found);
}

TEST(Registry, RefusesBrokenDescriptions) {
  const json note_chord_options = {
      {"steps_per_quarter", 4}, {"max_steps", 32}, {"drums", false}, {"microseconds_per_quarter", 500000}};
  const auto note_chord = [&](json items) {
    return json{{"name", "note_chord"}, {"options", note_chord_options}, {"items", std::move(items)}};
  };
  ASSERT_TRUE(tokenizer_from_json(note_chord({"60:1", "60.64:1", "61:1"})).ok());
  for (const json& description :
       {json(),
        json(3),
        json::array(),
        json{{"name", 1}},
        json{{"name", "mozart"}},
        json{{"name", "remi"}},
        json{{"name", "remi"}, {"options", {{"positions_per_quarter", 6}}}},
        json{{"name", "remi"}, {"options", {{"positions_per_quarter", 1e30}}}},
        json{{"name", "remi"}, {"options", {{"positions_per_quarter", 18446744073709551615ull}}}},
        json{{"name", "performance"}, {"options", {{"drums", "yes"}}}},
        json{{"name", "note_chord"}, {"options", note_chord_options}},
        note_chord(json::array()),
        note_chord({7}),
        note_chord({"61:1", "60:1"}),
        note_chord({"60:1", "60:1"}),
        note_chord({"128:1"}),
        note_chord({"60:0"}),
        note_chord({"60:33"}),
        note_chord({"64.60:1"}),
        note_chord({"060:1"}),
        note_chord({"60:1 "}),
        note_chord({""}),
        note_chord({"60"}),
        note_chord({":1"}),
        note_chord({"\xff"})}) {
    EXPECT_FALSE(tokenizer_from_json(description).ok());
  }
}

TEST(Tokenizers, RefuseMusicThatCannotBeEncoded) {
  const Score corpus = score_of({{Ticks(0), Ticks(480), 60, 80}});
  Score no_division = corpus;
  no_division.ticks_per_quarter = 0;
  const Score far_away = score_of({{Ticks(std::int64_t{1} << 60), Ticks(480), 60, 80}});
  for (const std::string_view name : tokenizer_names()) {
    const auto tokenizer = make_tokenizer(name, {&corpus, 1}).value();
    EXPECT_EQ(tokenizer->encode(Score()).error().code, ErrorCode::no_notes);
    EXPECT_EQ(tokenizer->quantise(Score()).error().code, ErrorCode::no_notes);
    EXPECT_EQ(tokenizer->encode(no_division).error().code, ErrorCode::malformed);
    EXPECT_EQ(tokenizer->encode(far_away).error().code, ErrorCode::too_large);
    EXPECT_EQ(tokenizer->losses(Score()), "");
  }
}

TEST(NoteChord, NamesAnUnknownNoteAndItsBar) {
  const Score corpus = score_of({{Ticks(0), Ticks(480), 60, 80}});
  const auto tokenizer = make_tokenizer("note_chord", {&corpus, 1}).value();
  Score primer = score_of({{Ticks(0), Ticks(480), 60, 80}, {Ticks(4 * 480), Ticks(480), 66, 80}});
  primer.time_signatures = {{Ticks(0), 3, 4}};
  const Error error = tokenizer->encode(primer).error();
  EXPECT_EQ(error.code, ErrorCode::out_of_vocabulary);
  EXPECT_NE(error.what.find("F#4 (pitch 66)"), std::string::npos) << error.what;
  EXPECT_EQ(error.where, "bar 2");
}

TEST(NoteChord, ALengthNeverLearnedBecomesTheNearestThatFits) {
  const Score corpus = score_of({{Ticks(0), Ticks(240), 60, 80}, {Ticks(480), Ticks(960), 60, 80}});
  const auto tokenizer = make_tokenizer("note_chord", {&corpus, 1}).value();
  const auto words = [&](std::vector<score::Note> notes) {
    return words_of(*tokenizer, tokenizer->encode(score_of(std::move(notes))).value());
  };
  EXPECT_EQ(words({{Ticks(0), Ticks(720), 60, 80}}), "60:8");
  EXPECT_EQ(words({{Ticks(0), Ticks(720), 60, 80}, {Ticks(840), Ticks(240), 60, 80}}), "60:2 +7 60:2");
  // Struck again before any learned length has passed.
  const Score too_close = score_of({{Ticks(0), Ticks(120), 60, 80}, {Ticks(120), Ticks(240), 60, 80}});
  EXPECT_EQ(tokenizer->encode(too_close).error().code, ErrorCode::out_of_vocabulary);
}

TEST(NoteChord, RareChordsAreEncodedAsSingleNotes) {
  std::vector<score::Note> notes;
  for (const std::int64_t onset : {0, 480}) {
    notes.push_back({Ticks(onset), Ticks(480), 60, 80});
    notes.push_back({Ticks(onset), Ticks(480), 64, 80});
  }
  notes.push_back({Ticks(960), Ticks(480), 62, 80});
  notes.push_back({Ticks(960), Ticks(480), 65, 80});
  const Score corpus = score_of(notes);
  const auto tokenizer = make_tokenizer("note_chord", {&corpus, 1}).value();
  EXPECT_EQ(words_of(*tokenizer, tokenizer->encode(corpus).value()), "60.64:4 +4 60.64:4 +4 62:4 65:4");
}

TEST(NoteChord, KeepsTheMostFrequentChordsWhenTheVocabularyIsFull) {
  std::vector<score::Note> notes;
  std::int64_t onset = 0;
  const auto chord = [&](int times, int pitch) {
    for (; times > 0; --times, onset += 480) {
      notes.push_back({Ticks(onset), Ticks(480), std::uint8_t(pitch), 80});
      notes.push_back({Ticks(onset), Ticks(480), std::uint8_t(pitch + 4), 80});
    }
  };
  chord(2, 60);
  chord(3, 70);
  const Score corpus = score_of(notes);
  NoteChordOptions options;
  options.max_words = kSpecialTokens + options.max_steps + 4 + 1;  // four single notes and one chord
  const auto tokenizer = make_note_chord({&corpus, 1}, options).value();
  EXPECT_EQ(tokenizer->vocabulary().size(), options.max_words);
  EXPECT_TRUE(tokenizer->vocabulary().find("70.74:4").has_value());
  EXPECT_FALSE(tokenizer->vocabulary().find("60.64:4").has_value());
}

TEST(NoteChord, LearnsTempoAndDrumsFromTheCorpus) {
  Score corpus = score_of({{Ticks(0), Ticks(120), 36, 100}}, true);
  corpus.tempos = {{Ticks(0), 400000}};
  const auto tokenizer = make_tokenizer("note_chord", {&corpus, 1}).value();
  const Score decoded = tokenizer->decode(tokens_of(*tokenizer, "36:1 +8 36:1")).value();
  EXPECT_TRUE(decoded.tracks[0].is_drum);
  EXPECT_EQ(decoded.tempos[0].microseconds_per_quarter, 400000);
  EXPECT_DOUBLE_EQ(tokenizer->elapsed(tokens_of(*tokenizer, "36:1 +8 36:1")).value, 0.8);
}

TEST(Performance, HasTheWordsOfThePaper) {
  const auto tokenizer = make_performance();
  EXPECT_EQ(tokenizer->vocabulary().size(), 388 + kSpecialTokens);
  EXPECT_DOUBLE_EQ(tokenizer->elapsed(tokens_of(*tokenizer, "TimeShift_100 Velocity_3 NoteOn_5 TimeShift_23")).value,
                   1.23);
}

TEST(Performance, ACorpusOfDrumsMakesItDrums) {
  const Score drums = score_of({{Ticks(0), Ticks(120), 36, 100}}, true);
  const auto tokenizer = make_tokenizer("performance", {&drums, 1}).value();
  EXPECT_TRUE(tokenizer->quantise(drums).value().tracks[0].is_drum);
  EXPECT_FALSE(make_tokenizer("performance").value()->quantise(drums).value().tracks[0].is_drum);
}

TEST(Remi, NamesBarsAndMeasuresTime) {
  const auto remi = make_remi().value();
  const std::vector<TokenId> tokens = tokens_of(*remi,
                                                "Bar TimeSig_3/4 Position_0 Tempo_60 Program_0 Pitch_60 Velocity_9 "
                                                "Duration_12 Bar Position_12 Tempo_120 Bar Position_24");
  EXPECT_EQ(remi->bar_starts(tokens), (std::vector<std::size_t>{0, 8, 11}));
  // A bar at 60, a beat at 60, two beats and two beats at 120.
  EXPECT_DOUBLE_EQ(remi->elapsed(tokens).value, 3 + 1 + 1 + 1);
  const auto meter = remi->length_meter();
  for (const TokenId token : tokens) meter->accept(token);
  EXPECT_EQ(meter->bars_begun(), 3u);
  meter->reset();
  EXPECT_EQ(meter->bars_begun(), 0u);
  EXPECT_EQ(meter->elapsed().value, 0.0);
}

TEST(Remi, HoldsTripletsAndSixteenthsExactly) {
  const auto remi = make_remi().value();
  Score score = score_of({});
  for (const std::int64_t onset : {0, 160, 320, 480, 600, 720, 840}) {
    const std::int64_t length = onset < 480 ? 160 : 120;
    score.tracks[0].notes.push_back({Ticks(onset), Ticks(length), 60, 82});
  }
  EXPECT_EQ(remi->quantise(score).value().tracks[0].notes, score.tracks[0].notes);
}

}  // namespace
}  // namespace continuo::tokens
