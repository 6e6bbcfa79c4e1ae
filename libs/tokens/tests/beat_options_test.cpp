#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "continuo/tokens/beat_tokenizers.h"

#include "laws.h"
#include "random_score.h"

namespace continuo::tokens {
namespace {

using nlohmann::json;
using score::Score;
using score::Ticks;

constexpr std::string_view kNames[] = {"remi_plus", "midi_like", "tsd", "structured", "cp_word",
                                       "octuple",   "mumidi",    "mmm", "per_tok",    "bar_tracks"};

std::vector<BeatOptions> option_sets() {
  std::vector<BeatOptions> sets(6);
  sets[0].resolutions = {{0, 2, 12}, {2, 4, 6}, {4, 8, 3}};
  sets[0].ticks_per_beat = 480;
  sets[1].velocity_bins = 0;
  sets[1].programs = false;
  sets[1].tempos = false;
  sets[2].meters = false;
  sets[2].lowest_pitch = 21;
  sets[2].highest_pitch = 108;
  sets[2].velocity_bins = 5;
  sets[3].keys = sets[3].pedals = sets[3].chords = true;
  sets[3].pitch_bends = 32;
  sets[3].base = "remi_plus";
  sets[4].resolutions = {{0, 1, 4}};
  sets[4].log_tempos = true;
  sets[4].tempos = sets[4].programs = false;
  sets[4].meter_words = {{4, 4}, {3, 16}, {2, 2}};
  sets[4].max_bars = 3;
  sets[5].rests = {{0, 1, 8}, {1, 2, 4}, {2, 12, 2}};
  sets[5].meters = false;
  return sets;
}

// With what random_score() leaves out.
Score ornate_score(std::uint64_t seed, int notes) {
  Score score = random_score(seed, notes);
  std::int64_t time = 0;
  for (score::Track& track : score.tracks) {
    for (int i = 0; i < 10; ++i) {
      time += 37 * score.ticks_per_quarter / 16;
      track.pitch_bends.push_back({Ticks(time), std::int16_t((int(seed % 97) * 331 + 977 * i) % 16384 - 8192)});
    }
  }
  for (int i = 0; i < 3; ++i) score.key_signatures.push_back({Ticks(i * 1000), int(seed % 15) - 7, i % 2 == 1});
  return score;
}

TEST(BeatOptions, LawsHoldWhateverTheOptions) {
  for (const std::string_view name : kNames) {
    for (std::size_t set = 0; set < option_sets().size(); ++set) {
      const auto tokenizer = make_beat_tokenizer(name, option_sets()[set]).value();
      for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const Score score = ornate_score(seed, 1 + int(seed * 3));
        if (tokenizer->encode(score).ok() || tokenizer->encode(score).error().code != ErrorCode::no_notes) {
          EXPECT_EQ(check_laws(*tokenizer, score).violation, "") << name << ", set " << set << ", seed " << seed;
        }
      }
    }
  }
}

TEST(BeatOptions, WhatOverlapsIsGrammaticalAndDecodes) {
  for (const std::string_view name : kNames) {
    for (const NoteOverlaps overlaps : {NoteOverlaps::kShortest, NoteOverlaps::kKept}) {
      BeatOptions options;
      options.overlaps = overlaps;
      options.rests = {{0, 1, 8}, {1, 2, 4}, {2, 12, 2}};
      options.meters = false;
      const auto tokenizer = make_beat_tokenizer(name, options).value();
      for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const Score score = ornate_score(seed, 100);
        const auto tokens = tokenizer->encode(score).value();
        const Result<Score> decoded = tokenizer->decode(tokens);
        ASSERT_TRUE(decoded.ok()) << name << ", seed " << seed << ": " << decoded.error().to_line();
      }
    }
  }
}

TEST(BeatOptions, KeptNotesAreAllThere) {
  BeatOptions options;
  options.overlaps = NoteOverlaps::kKept;
  const auto tokenizer = make_beat_tokenizer("tsd", options).value();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Score score = random_score(seed, 80);
    EXPECT_EQ(tokenizer->quantise(score).value().note_count(), score.note_count());
  }
}

TEST(BeatOptions, DescriptionsMayLeaveOptionsOut) {
  const auto tokenizer = beat_tokenizer_from_json(json{{"name", "tsd"}, {"options", {{"velocity_bins", 16}}}}).value();
  BeatOptions options;
  options.velocity_bins = 16;
  EXPECT_EQ(tokenizer->to_json(), make_beat_tokenizer("tsd", options).value()->to_json());
  EXPECT_TRUE(beat_tokenizer_from_json(json{{"name", "tsd"}}).ok());
}

// Whatever differs from the defaults is in the description, and is read from there.
TEST(BeatOptions, DescriptionsHaveEachOption) {
  using Change = void (*)(BeatOptions&);
  const std::pair<const char*, Change> changes[] = {
      {"resolutions",
       [](BeatOptions& o) {
         o.resolutions = {{0, 2, 12}, {2, 12, 4}};
       }},
      {"rests",
       [](BeatOptions& o) {
         o.rests = {{0, 4, 8}};
       }},
      {"velocity_bins", [](BeatOptions& o) { o.velocity_bins = 5; }},
      {"lowest_pitch", [](BeatOptions& o) { o.lowest_pitch = 21; }},
      {"highest_pitch", [](BeatOptions& o) { o.highest_pitch = 108; }},
      {"lowest_drum", [](BeatOptions& o) { o.lowest_drum = 27; }},
      {"highest_drum", [](BeatOptions& o) { o.highest_drum = 87; }},
      {"programs", [](BeatOptions& o) { o.programs = false; }},
      {"meters", [](BeatOptions& o) { o.meters = false; }},
      {"meter_words",
       [](BeatOptions& o) {
         o.meter_words = {{4, 4}, {3, 16}};
       }},
      {"tempos", [](BeatOptions& o) { o.tempos = false; }},
      {"slowest_tempo", [](BeatOptions& o) { o.slowest_tempo = 50; }},
      {"fastest_tempo", [](BeatOptions& o) { o.fastest_tempo = 200; }},
      {"tempo_words", [](BeatOptions& o) { o.tempo_words = 32; }},
      {"log_tempos", [](BeatOptions& o) { o.log_tempos = true; }},
      {"keys", [](BeatOptions& o) { o.keys = true; }},
      {"chords", [](BeatOptions& o) { o.chords = true; }},
      {"pedals", [](BeatOptions& o) { o.pedals = true; }},
      {"pitch_bends", [](BeatOptions& o) { o.pitch_bends = 32; }},
      {"overlaps", [](BeatOptions& o) { o.overlaps = NoteOverlaps::kKept; }},
      {"max_bars", [](BeatOptions& o) { o.max_bars = 3; }},
      {"base", [](BeatOptions& o) { o.base = "remi_plus"; }},
      {"ticks_per_beat", [](BeatOptions& o) { o.ticks_per_beat = 480; }},
      {"microtiming_words", [](BeatOptions& o) { o.microtiming_words = 7; }},
      {"microtiming_fraction", [](BeatOptions& o) { o.microtiming_fraction = 4; }}};
  for (const auto& [option, change] : changes) {
    BeatOptions options;
    change(options);
    int able = 0;  // tokenisations that can have it; the others keep the default
    for (const std::string_view name : kNames) {
      const auto made = make_beat_tokenizer(name, options);
      if (!made.ok()) continue;
      const json description = (*made)->to_json(), plain = make_beat_tokenizer(name).value()->to_json();
      ASSERT_TRUE(description["options"].contains(option)) << name << " " << option;
      if (description["options"][option] == plain["options"][option]) continue;
      ++able;
      json without = description;
      without["options"].erase(option);
      EXPECT_EQ(beat_tokenizer_from_json(without).value()->to_json(), plain) << name << " " << option;
      const auto again = beat_tokenizer_from_json(description).value();
      EXPECT_EQ(again->to_json(), description) << name << " " << option;
      const Score score = random_score(3, 60);
      EXPECT_EQ(again->encode(score).value(), (*made)->encode(score).value()) << name << " " << option;
    }
    EXPECT_GT(able, 0) << option;
  }
}

// The numbers of all words of a kind, in the order of their ids.
std::vector<double> values_of(const Tokenizer& tokenizer, const std::string& kind) {
  std::vector<double> values;
  for (TokenId id = kSpecialTokens; id < tokenizer.vocabulary().size(); ++id) {
    const std::string& word = tokenizer.vocabulary().word(id);
    if (word.starts_with(kind)) values.push_back(std::stod(word.substr(kind.size())));
  }
  return values;
}

TEST(BeatOptions, TemposAreEquallyFarApartOrInEqualRatios) {
  for (const bool log : {false, true}) {
    for (const int words : {2, 3, 32, 106}) {
      BeatOptions options;
      options.log_tempos = log;
      options.tempo_words = words;
      const auto tempos = values_of(*make_beat_tokenizer("tsd", options).value(), "Tempo_");
      ASSERT_EQ(tempos.size(), std::size_t(words));
      for (std::size_t i = 0; i < tempos.size(); ++i) {
        const double share = double(i) / (words - 1);
        const double expected = log ? 40 * std::pow(250.0 / 40, share) : 40 + 210 * share;
        EXPECT_NEAR(tempos[i], expected, 0.01) << i << " of " << words;
      }
    }
  }
}

TEST(BeatOptions, PitchBendsAreEquallyFarApart) {
  for (const int words : {2, 3, 32}) {
    BeatOptions options;
    options.pitch_bends = words;
    const auto bends = values_of(*make_beat_tokenizer("tsd", options).value(), "PitchBend_");
    ASSERT_EQ(bends.size(), std::size_t(words));
    for (std::size_t i = 0; i < bends.size(); ++i) EXPECT_NEAR(bends[i], -8192 + 16383.0 * double(i) / (words - 1), 1);
  }
}

// Semitones above the lowest note.
TEST(BeatOptions, ChordsAreNamedByTheirIntervals) {
  const std::pair<const char*, std::vector<int>> chords[] = {
      {"min", {3, 7}},          {"maj", {4, 7}},          {"dim", {3, 6}},      {"aug", {4, 8}},
      {"sus2", {2, 7}},         {"sus4", {5, 7}},         {"7dom", {4, 7, 10}}, {"7min", {3, 7, 10}},
      {"7maj", {4, 7, 11}},     {"7halfdim", {3, 6, 10}}, {"7dim", {3, 6, 9}},  {"7aug", {4, 8, 11}},
      {"9maj", {4, 7, 10, 14}}, {"9min", {4, 7, 10, 13}}};
  BeatOptions options;
  options.chords = true;
  const auto tokenizer = make_beat_tokenizer("tsd", options).value();
  for (const auto& [name, intervals] : chords) {
    for (const int lowest : {40, 61}) {
      Score score;
      score.tracks.resize(1);
      const auto strike = [&](int pitch) {
        score.tracks[0].notes.push_back({Ticks(0), Ticks(480), std::uint8_t(pitch), 80});
      };
      strike(lowest);
      for (const int interval : intervals) strike(lowest + interval);
      std::string found;
      const auto tokens = tokenizer->encode(score).value();
      for (const TokenId token : tokens) {
        const std::string& word = tokenizer->vocabulary().word(token);
        if (word.starts_with("Chord_")) found += word;
      }
      EXPECT_EQ(found, "Chord_" + std::string(name));
    }
  }
}

TEST(BeatOptions, APieceWhoseNotesAreAllTooLate_HasNone) {
  Score score;
  score.tracks.push_back({.notes = {{.onset = Ticks(4 * 1920), .duration = Ticks(480), .pitch = 60, .velocity = 80}}});
  for (const char* name : {"octuple", "mumidi"}) {
    const auto tokenizer = make_beat_tokenizer(name, {.max_bars = 4}).value();
    const auto tokens = tokenizer->encode(score);
    ASSERT_FALSE(tokens.ok()) << name;
    EXPECT_EQ(tokens.error().code, ErrorCode::no_notes) << name;
  }
}

TEST(BeatOptions, RefusesWhatIsOutOfRange) {
  for (const json& options : {json(3),
                              json{{"velocity_bins", 128}},
                              json{{"velocity_bins", "many"}},
                              json{{"resolutions", json::array()}},
                              json{{"resolutions", {{0, 4, 8}, {5, 12, 4}}}},
                              json{{"resolutions", {{0, 4, 8}, {4, 12, 3}}}},
                              json{{"resolutions", {{0, 65, 8}}}},
                              json{{"resolutions", {{0, 4}}}},
                              json{{"resolutions", {{0, 4, -8}}}},
                              json{{"resolutions", {{0, 4, 1e9}}}},
                              json{{"rests", {{0, 4, 3}}}},
                              json{{"meter_words", {{3, 4}}}},
                              json{{"meter_words", {{4, 4}, {4, 4}}}},
                              json{{"meter_words", {{4, 4}, {4, 3}}}},
                              json{{"meter_words", {{4, 3}, {4, 4}}}},
                              json{{"lowest_pitch", 60}, {"highest_pitch", 50}},
                              json{{"slowest_tempo", 120}, {"fastest_tempo", 120}},
                              json{{"pitch_bends", 1}},
                              json{{"overlaps", "some"}},
                              json{{"overlaps", 1}},
                              json{{"base", "octuple"}},
                              json{{"base", 1}},
                              json{{"programs", 1}}}) {
    EXPECT_FALSE(beat_tokenizer_from_json(json{{"name", "tsd"}, {"options", options}}).ok()) << options;
  }
  EXPECT_FALSE(beat_tokenizer_from_json(json{{"name", "per_tok"}, {"options", {{"ticks_per_beat", 100}}}}).ok());
  EXPECT_EQ(make_beat_tokenizer("remi").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace continuo::tokens
