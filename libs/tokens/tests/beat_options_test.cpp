#include <nlohmann/json.hpp>

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
                                       "octuple",   "mumidi",    "mmm", "per_tok"};

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
