#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "continuo/base/result.h"

namespace continuo {

// CRC-32C (Castagnoli), against accidents: torn writes, flipped bits. `crc` chains several pieces.
// Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t crc = 0);

// SHA-256, for naming downloads and files that people compare with `sha256sum`. Source: FIPS 180-4.
class Sha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  // 64 lower-case hexadecimal digits. Nothing may follow.
  std::string finish();

 private:
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::uint64_t bytes_ = 0;
};

// Of a file's bytes, read in pieces. Errors: not_found, io.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace continuo
