#pragma once

#include <vector>

#include "continuo/options/field.h"

namespace continuo::options {

// One field of each type.
inline std::vector<Field> sample_fields() {
  return {{.name = "output", .letter = 'o', .type = Type::kPath, .unit = "FILE", .help = "What to write"},
          {.name = "top_p",
           .letter = 'p',
           .type = Type::kReal,
           .unit = "P",
           .group = "Sampling",
           .help = "Share of the probability",
           .default_value = "1",
           .range = {0.001, 1}},
          {.name = "threads",
           .type = Type::kInteger,
           .unit = "N",
           .help = "Number of threads",
           .default_value = "0",
           .range = {0, 1024}},
          {.name = "seed", .type = Type::kUnsigned, .unit = "N", .help = "Random seed", .range = {.least = 0}},
          {.name = "max_steps", .type = Type::kInteger, .unit = "N", .help = "Most steps", .range = {.least = 1}},
          {.name = "kernels",
           .type = Type::kChoice,
           .unit = "NAME",
           .help = "Which functions compute",
           .default_text = "to fit the machine",
           .choices = {"fused", "plain"}},
          {.name = "tokenizer",
           .type = Type::kChoice,
           .unit = "NAME",
           .help = "Tokenizer to use",
           .choices = {"remi", "tsd"},
           .or_extension = ".json"},
          {.name = "pack", .type = Type::kFlag, .help = "Several pieces in a window"},
          {.name = "title", .type = Type::kText, .unit = "TEXT", .help = "Any text"},
          {.name = "word", .type = Type::kText, .unit = "TEXT", .help = "One word", .repeats = true}};
}

}  // namespace continuo::options
