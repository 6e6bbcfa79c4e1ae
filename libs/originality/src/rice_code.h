#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace continuo::originality {

// Rising numbers, each once, by the distances between them, each in little more bits than its surprise: the distance
// divided by 2^low_bits, as so many ones and a zero, then its low bits, the highest first. Bits fill bytes from the
// top. Source: Rice and Plaunt, "Adaptive Variable-Length Coding", IEEE Trans. Commun. 19 (1971).

// The low_bits that suit `count` numbers below 2^bits that are spread evenly.
int rice_bits(std::size_t count, int bits);
// Requires: `numbers` rise.
std::vector<std::uint8_t> rice_encode(std::span<const std::uint64_t> numbers, int low_bits);
// Nothing where the bytes end early, have more than `count` numbers, or one is not below 2^bits or not above the one
// before.
std::optional<std::vector<std::uint64_t>> rice_decode(std::span<const std::uint8_t> bytes, std::size_t count,
                                                      int low_bits, int bits);

}  // namespace continuo::originality
