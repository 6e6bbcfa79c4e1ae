#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

#include "fuzz_targets.h"

namespace continuo::tokens {
namespace {

using Bytes = std::vector<std::uint8_t>;

// One or a few of: a byte changed, a stretch lost, doubled, or taken from elsewhere.
Bytes mutated(Rng& rng, Bytes bytes, const Bytes& other) {
  for (std::uint64_t edits = 1 + rng.below(3); edits > 0 && !bytes.empty(); --edits) {
    const auto at = bytes.begin() + std::ptrdiff_t(rng.below(bytes.size()));
    const auto length = std::ptrdiff_t(std::min<std::uint64_t>(1 + rng.below(16), std::uint64_t(bytes.end() - at)));
    switch (rng.below(4)) {
      case 0:
        *at = std::uint8_t(rng.below(256));
        break;
      case 1:
        bytes.erase(at, at + length);
        break;
      case 2: {
        const Bytes doubled(at, at + length);
        bytes.insert(at, doubled.begin(), doubled.end());
        break;
      }
      default: {
        const std::size_t from = rng.below(other.size());
        const std::size_t count = std::min(std::size_t(length), other.size() - from);
        std::copy_n(other.begin() + std::ptrdiff_t(from), std::min(count, std::size_t(bytes.end() - at)), at);
        break;
      }
    }
  }
  return bytes;
}

// Some value of a document becomes another, or goes.
void mutate(Rng& rng, nlohmann::json& value) {
  if (!value.empty() && value.is_structured() && rng.below(8) != 0) {
    auto child = value.begin();
    std::advance(child, std::ptrdiff_t(rng.below(value.size())));
    if (rng.below(12) == 0) {
      value.erase(child);
      return;
    }
    return mutate(rng, *child);
  }
  const nlohmann::json others[] = {nullptr,
                                   true,
                                   -1,
                                   0,
                                   1,
                                   2,
                                   3,
                                   127,
                                   128,
                                   65535,
                                   1 << 20,
                                   0.5,
                                   1e300,
                                   "",
                                   "tsd",
                                   "no",
                                   {},
                                   {1},
                                   {{"name", "tsd"}},
                                   {1, 2, 3},
                                   4294967296};
  value = others[rng.below(std::size(others))];
}

void expect_holds(const std::function<std::string(std::span<const std::uint8_t>)>& target, const Bytes& bytes) {
  const std::string violation = target(bytes);
  EXPECT_EQ(violation, "") << "bytes: " << nlohmann::json(bytes).dump();
}

TEST(Fuzz, TokenStreams) {
  const std::vector<Bytes> seeds = token_stream_seeds();
  for (const Bytes& seed : seeds) expect_holds(fuzz_token_stream, seed);
  Rng rng(2024);
  for (int i = 0; i < 4000 && !HasFailure(); ++i)
    expect_holds(fuzz_token_stream, mutated(rng, seeds[rng.below(seeds.size())], seeds[rng.below(seeds.size())]));
}

TEST(Fuzz, TokenizerFiles) {
  const std::vector<Bytes> seeds = tokenizer_json_seeds();
  for (const Bytes& seed : seeds) expect_holds(fuzz_tokenizer_json, seed);
  Rng rng(2025);
  for (int i = 0; i < 1500 && !HasFailure(); ++i) {
    const Bytes& seed = seeds[rng.below(seeds.size())];
    if (i % 4 == 0) {
      expect_holds(fuzz_tokenizer_json, mutated(rng, seed, seeds[rng.below(seeds.size())]));
      continue;
    }
    nlohmann::json document = nlohmann::json::parse(seed);
    for (std::uint64_t edits = 1 + rng.below(2); edits > 0; --edits) mutate(rng, document);
    const std::string text = document.dump();
    expect_holds(fuzz_tokenizer_json, Bytes(text.begin(), text.end()));
  }
}

// Found by the fuzzer: of remi, a tempo behind the last onset.
TEST(FuzzedTokenStreams, WhatWasFoundStaysMended) {
  const std::vector<int> tempo_at_the_end = {4, 33, 49, 178, 332, 406, 489, 520, 408, 492, 527, 409, 487, 525, 50, 151};
  Bytes bytes = {0};
  for (const int token : tempo_at_the_end) {
    bytes.push_back(std::uint8_t(token & 0xFF));
    bytes.push_back(std::uint8_t(token >> 8));
  }
  EXPECT_EQ(fuzz_token_stream(bytes), "");
}

}  // namespace
}  // namespace continuo::tokens
