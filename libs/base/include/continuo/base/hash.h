#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace continuo {

// FNV-1a, 64 bits: for content names and splits, not against an adversary.
// Source: draft-eastlake-fnv, section 2. `basis` chains several pieces.
inline constexpr std::uint64_t kFnvBasis = 14695981039346656037ULL;
std::uint64_t fnv1a(std::span<const std::uint8_t> bytes, std::uint64_t basis = kFnvBasis);
std::uint64_t fnv1a(std::string_view text, std::uint64_t basis = kFnvBasis);

// 16 lower-case hexadecimal digits.
std::string to_hex(std::uint64_t value);

}  // namespace continuo
