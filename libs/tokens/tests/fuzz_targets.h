#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace continuo::tokens {

// What must hold for any bytes at all, for libFuzzer and for the test that tries a fixed number of random ones. Each
// returns what does not hold, or nothing.

// A byte that says which tokenizer, then token ids of two bytes, the lower first. decode() and the grammar agree; what
// is decoded encodes, and keeps the laws.
std::string fuzz_token_stream(std::span<const std::uint8_t> bytes);
// A tokenizer's description or file. What it makes describes itself, and encodes a small piece.
std::string fuzz_tokenizer_json(std::span<const std::uint8_t> bytes);

// Bytes to begin with, as the targets read them.
std::vector<std::vector<std::uint8_t>> token_stream_seeds();
std::vector<std::vector<std::uint8_t>> tokenizer_json_seeds();

}  // namespace continuo::tokens
