#include "continuo/train/options.h"

#include <cmath>

#include <gtest/gtest.h>

#include "continuo/base/text.h"
#include "continuo/checkpoint/presets.h"

namespace continuo::train {
namespace {

TrainOptions valid() {
  TrainOptions options;
  options.data = "data";
  options.output = "run";
  return options;
}

TEST(Options, DefaultsAreValid) { EXPECT_TRUE(validate(valid())); }

TEST(Options, TomlRoundTripIsTheIdentity) {
  TrainOptions options = valid();
  options.data = "a \"quoted\" folder/with \\ and ü";
  options.model = "bert";
  options.size = "tiny";
  options.dropout = 0.1;
  options.learning_rate = 1e-3;
  options.weight_decay = 1.0 / 3.0;
  options.max_steps = 123456789012;
  options.max_minutes = 20;
  options.seed = ~std::uint64_t{0};
  options.tied_output = 0;
  options.pack = true;
  options.augment_tempo = 0.1;
  TrainOptions read;
  const Status status = apply_toml(read, to_toml(options));
  ASSERT_TRUE(status) << status.error().to_line();
  EXPECT_EQ(to_toml(read), to_toml(options));
  EXPECT_EQ(read.data, options.data);
  EXPECT_EQ(read.weight_decay, options.weight_decay);
  EXPECT_EQ(read.max_steps, options.max_steps);
  EXPECT_EQ(read.seed, options.seed);
}

TEST(Options, WhatTheScheduleDoesNotUseIsRefusedIfItIsAskedFor) {
  for (const char* name : {"final_learning_rate", "warmup_steps"}) {
    TrainOptions options = valid();
    ASSERT_TRUE(set_option(options, name, "0.1") || set_option(options, name, "100"));
    EXPECT_TRUE(validate(options)) << "cosine uses it";
    options.schedule = "one_cycle";
    const Status status = validate(options);
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(status.error().what, std::string(name) +
                                       ": the schedule one_cycle does not use it: leave it out, or "
                                       "choose another schedule");
  }
  TrainOptions options = valid(), read;
  options.schedule = "one_cycle";
  EXPECT_TRUE(validate(options)) << "the default was not asked for";
  ASSERT_TRUE(apply_toml(read, to_toml(options)));
  EXPECT_TRUE(validate(read)) << "a file of all options is one that can be given";
}

TEST(Options, WhatTheOptimiserDoesNotUseIsRefusedIfItIsAskedFor) {
  TrainOptions options = valid();
  options.optimiser = "adamw";
  options.given = {"muon_learning_rate"};
  const Status status = validate(options);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().to_line(),
            "muon_learning_rate: the optimiser adamw does not use it: leave it out, or choose muon");
  options.optimiser = "muon";
  EXPECT_TRUE(validate(options).ok());
}

TEST(Options, FineTuningTakesSmallerSteps_AndLowRankChangesLargerOnes) {
  const auto config = model_config(valid(), 100).value();
  TrainOptions tuned = valid();
  const TrainOptions fresh = with_defaults(tuned, config, 1000);
  tuned.init_from = "model";
  EXPECT_NEAR(with_defaults(tuned, config, 1000).learning_rate, fresh.learning_rate / 3, 1e-12);
  EXPECT_EQ(with_defaults(tuned, config, 1000).optimiser, "muon");
  tuned.lora_rank = 8;
  EXPECT_TRUE(validate(tuned).ok());
  EXPECT_NEAR(with_defaults(tuned, config, 1000).learning_rate, fresh.learning_rate * 3, 1e-12);
  EXPECT_EQ(with_defaults(tuned, config, 1000).optimiser, "adamw");
}

TEST(Options, MicroBatchesAreRefusedInModelsWithAMemory) {
  TrainOptions options = valid();
  options.micro_batch = 2;
  EXPECT_TRUE(model_config(options, 100).ok());
  options.model = "transformer_xl";
  const auto config = model_config(options, 100);
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().to_line(), "micro_batch: models with a memory compute a whole batch at once: leave it out");
}

TEST(Options, TomlLeavesWhatItDoesNotName) {
  TrainOptions options = valid();
  options.batch_size = 3;
  ASSERT_TRUE(apply_toml(options, "model = \"lstm\"\nlearning_rate = 1\n"));
  EXPECT_EQ(options.model, "lstm");
  EXPECT_EQ(options.learning_rate, 1.0);
  EXPECT_EQ(options.batch_size, 3);
}

TEST(Options, TomlErrorsNameTheLineAndChangeNothing) {
  struct Case {
    const char *text, *where;
    ErrorCode code;
  };
  for (const Case& c : {Case{"model = \"lstm\"\nbatch = 3\n", "line 2", ErrorCode::invalid_argument},
                        Case{"model = 3\n", "line 1", ErrorCode::invalid_argument},
                        Case{"batch_size = 2.5\n", "line 1", ErrorCode::invalid_argument},
                        Case{"model = \"lstm\"\n\nbatch_size = -1\n", "line 3", ErrorCode::invalid_argument},
                        Case{"model = \"lstm\"\nbatch_size = = 3\n", "line 2", ErrorCode::malformed}}) {
    TrainOptions options = valid();
    const Status status = apply_toml(options, c.text);
    ASSERT_FALSE(status) << c.text;
    EXPECT_EQ(status.error().code, c.code) << c.text;
    EXPECT_EQ(status.error().where, c.where) << c.text;
    EXPECT_EQ(to_toml(options), to_toml(valid())) << c.text;
  }
}

TEST(Options, EveryNumberIsHeldToItsRange) {
  for (const OptionField& each : option_fields()) {
    const options::Field& field = each.field;
    const bool is_text = field.type == options::Type::kPath || field.type == options::Type::kText;
    if (is_text || field.type == options::Type::kFlag) continue;
    TrainOptions options = valid();
    const Status low = set_option(options, field.name, "-7");
    ASSERT_FALSE(low) << field.name;
    EXPECT_EQ(low.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(low.error().what.find(field.name), std::string::npos);
    EXPECT_FALSE(set_option(options, field.name, "many")) << field.name;
    EXPECT_FALSE(set_option(options, field.name, "")) << field.name;
    EXPECT_EQ(to_toml(options), to_toml(valid())) << field.name;
  }
  TrainOptions options = valid();
  options.dropout = 1;
  EXPECT_FALSE(validate(options));
  options.dropout = std::nan("");
  EXPECT_FALSE(validate(options));
}

// The largest value of each option, and one that is refused.
TEST(Options, NumbersEndWithTheirRange) {
  struct Case {
    const char *name, *largest, *refused;
  };
  for (const Case& c : {Case{"context_length", "65536", "65537"},
                        Case{"n_layers", "256", "257"},
                        Case{"d_model", "65536", "65537"},
                        Case{"n_heads", "1024", "1025"},
                        Case{"d_ff", "1048576", "1048577"},
                        Case{"dropout", "0.95", "0.96"},
                        Case{"tied_output", "1", "2"},
                        Case{"batch_size", "65536", "65537"},
                        Case{"learning_rate", "10", "10.1"},
                        Case{"weight_decay", "10", "10.1"},
                        Case{"final_learning_rate", "1", "1.01"},
                        Case{"warmup_steps", "1000000000", "1000000001"},
                        Case{"ema", "0.999999", "1"},
                        Case{"label_smoothing", "0.5", "0.51"},
                        Case{"gradient_clip", "1e9", "1.1e9"},
                        Case{"augment_transpose", "24", "25"},
                        Case{"augment_tempo", "0.5", "0.6"},
                        Case{"augment_velocity", "126", "127"},
                        Case{"augment_jitter", "1", "1.1"},
                        Case{"max_minutes", "1e6", "1.1e6"},
                        Case{"max_steps", "1000000000000", "1000000000001"},
                        Case{"epochs", "1e9", "1.1e9"},
                        Case{"patience", "1000000000", "1000000001"},
                        Case{"threads", "1024", "1025"},
                        Case{"validation_every_steps", "1000000000000", "1000000000001"},
                        Case{"validation_every_seconds", "1e9", "1.1e9"},
                        Case{"validation_tokens", "1000000000000000", "1000000000000001"},
                        Case{"checkpoint_every_minutes", "1e6", "1.1e6"},
                        Case{"sample_every_minutes", "1e6", "1.1e6"}}) {
    TrainOptions options = valid();
    const Status largest = set_option(options, c.name, c.largest);
    EXPECT_TRUE(largest) << c.name << ": " << largest.error().to_line();
    EXPECT_FALSE(set_option(options, c.name, c.refused)) << c.name;
  }
}

TEST(Options, DefaultsOfTheModelAreFilledIn) {
  struct Case {
    const char* model;
    int d_model, batch_size;
    double learning_rate;
  };
  for (const Case& c : {Case{"lstm", 128, 8, 5e-3}, Case{"lstm", 256, 8, 5e-3}, Case{"lstm", 257, 8, 3e-3},
                        Case{"gpt2", 128, 4, 2e-3}, Case{"gpt2", 256, 4, 1e-3}, Case{"gpt2", 260, 4, 6e-4}}) {
    auto config = checkpoint::preset_config(c.model, "tiny").value();
    config.d_model = c.d_model;
    const TrainOptions filled = with_defaults(valid(), config, 1000);
    EXPECT_EQ(filled.batch_size, c.batch_size) << c.model;
    EXPECT_EQ(filled.learning_rate, c.learning_rate) << c.model << ' ' << c.d_model;
    EXPECT_EQ(filled.epochs, 10);
    EXPECT_EQ(filled.optimiser, std::string(c.model) == "lstm" ? "adamw" : "muon");
    TrainOptions given = valid();
    given.batch_size = 3;
    given.learning_rate = 0.1;
    given.max_steps = 7;
    const TrainOptions kept = with_defaults(given, config, 1000);
    EXPECT_EQ(kept.batch_size, 3);
    EXPECT_EQ(kept.learning_rate, 0.1);
    EXPECT_DOUBLE_EQ(filled.muon_learning_rate, 0.02);
    EXPECT_DOUBLE_EQ(kept.muon_learning_rate, 0.02 * 0.1 / c.learning_rate) << "follows the other learning rate";
    given.learning_rate = 10;
    EXPECT_TRUE(validate(with_defaults(given, config, 1000))) << "what follows is within its range, too";
    given.learning_rate = 0.1;
    given.muon_learning_rate = 0.03;
    EXPECT_EQ(with_defaults(given, config, 1000).muon_learning_rate, 0.03);
    EXPECT_EQ(kept.epochs, 0);
  }
}

TEST(Options, SmallDataAreTransposedToAllKeysUnlessAskedOtherwise) {
  const auto config = checkpoint::preset_config("gpt2", "tiny").value();
  const auto semitones = [&](const TrainOptions& options, std::uint64_t data_tokens) {
    return with_defaults(options, config, data_tokens).augment_transpose;
  };
  EXPECT_EQ(semitones(valid(), 1000), 6);
  EXPECT_EQ(semitones(valid(), 5'000'000), 6);
  EXPECT_EQ(semitones(valid(), 5'000'001), 0);
  TrainOptions given = valid();
  given.augment_transpose = 0;
  EXPECT_EQ(semitones(given, 1000), 0);
  given.augment_transpose = 3;
  EXPECT_EQ(semitones(given, 5'000'001), 3);
}

TEST(Options, UnknownNamesAreRefused) {
  TrainOptions options = valid();
  EXPECT_FALSE(set_option(options, "colour", "red"));
  options.model = "rnn";
  EXPECT_FALSE(validate(options));
  options = valid();
  options.precision = "fp8";
  EXPECT_FALSE(validate(options));
  options = valid();
  options.output.clear();
  EXPECT_FALSE(validate(options));
  options = valid();
  options.data.clear();
  EXPECT_FALSE(validate(options));
  options.resume = true;
  EXPECT_TRUE(validate(options));
}

// The description is what a command line, its help and a file are made from: its defaults are those of TrainOptions.
TEST(Options, DefaultsOfTheDescriptionChangeNothing) {
  TrainOptions options = valid();
  for (const OptionField& each : option_fields()) {
    if (each.field.default_value.empty()) continue;
    const Status status = set_option(options, each.field.name, each.field.default_value);
    EXPECT_TRUE(status) << status.error().to_line();
  }
  EXPECT_EQ(to_toml(options), to_toml(valid()));
}

TEST(Options, ChoicesAreRefusedInTheWordsOfNumbers) {
  TrainOptions options = valid();
  EXPECT_EQ(set_option(options, "kernels", "wrong").error().what, "kernels: 'wrong' is none of fused, plain");
  EXPECT_EQ(set_option(options, "threads", "wrong").error().what, "threads: 'wrong' is not a whole number");
  EXPECT_EQ(set_option(options, "model", "rnn").error().what,
            "model: 'rnn' is none of " + joined(checkpoint::model_names()));
}

TEST(Options, DevicesAreKnownByTheirNames) {
  TrainOptions options = valid();
  for (const char* name : {"auto", "cpu", "cuda", "cuda:1"}) {
    options.device = name;
    EXPECT_TRUE(validate(options)) << name;
  }
  options.device = "gpu";
  EXPECT_EQ(validate(options).error().what, "device: is auto, cpu, cuda or cuda:N, not 'gpu'");
}

TEST(Options, OverridesReachTheModel) {
  TrainOptions options = valid();
  options.d_model = 48;
  options.n_heads = 3;
  options.dropout = 0.25;
  options.tied_output = 0;
  const auto config = model_config(options, 77);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->d_model, 48);
  EXPECT_EQ(config->d_ff, 192);
  EXPECT_EQ(config->dropout, 0.25);
  EXPECT_EQ(config->vocab_size, 77);
  EXPECT_FALSE(config->tied_output);
  options.n_heads = 5;
  EXPECT_FALSE(model_config(options, 77));
}

TEST(Options, PositionsReachTheModel) {
  using checkpoint::Positions;
  TrainOptions options = valid();
  const auto positions = [&](const char* model) { return options.model = model, model_config(options, 77)->positions; };
  EXPECT_EQ(positions("gpt2"), Positions::kRotary);
  EXPECT_EQ(positions("bert"), Positions::kRotary);
  EXPECT_EQ(positions("llama"), Positions::kRotary);
  ASSERT_TRUE(apply_toml(options, "positions = \"relative\"\n"));
  EXPECT_EQ(positions("gpt2"), Positions::kRelative);
  EXPECT_EQ(positions("llama"), Positions::kRelative);
  TrainOptions read;
  ASSERT_TRUE(apply_toml(read, to_toml(options)));
  EXPECT_EQ(read.positions, "relative");
  options.model = "lstm";
  EXPECT_FALSE(model_config(options, 77));
  EXPECT_EQ(set_option(options, "positions", "absolute").error().what,
            "positions: 'absolute' is none of preset, learned, relative, rotary");
}

TEST(Options, QkNormReachesTheModel) {
  TrainOptions options = valid();
  EXPECT_EQ(model_config(options, 77)->qk_norm, checkpoint::preset_config(options.model, options.size)->qk_norm);
  for (const std::string choice : {"on", "off"}) {
    ASSERT_TRUE(apply_toml(options, "qk_norm = \"" + choice + "\"\n"));
    EXPECT_EQ(model_config(options, 77)->qk_norm, choice == "on");
    TrainOptions read;
    ASSERT_TRUE(apply_toml(read, to_toml(options)));
    EXPECT_EQ(read.qk_norm, choice);
  }
  options.qk_norm = "on";
  options.model = "lstm";
  EXPECT_FALSE(model_config(options, 77));
  EXPECT_EQ(set_option(options, "qk_norm", "yes").error().what, "qk_norm: 'yes' is none of preset, on, off");
}

TEST(Options, ANarrowLlama_KeepsTheSharesOfItsPreset) {
  TrainOptions options = valid();
  options.model = "llama";
  options.d_model = 96;
  options.n_heads = 6;
  const auto config = model_config(options, 77);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->n_kv_heads, 3);
  EXPECT_EQ(config->d_ff, 256);
}

}  // namespace
}  // namespace continuo::train
