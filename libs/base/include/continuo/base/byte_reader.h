#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "continuo/base/result.h"

namespace continuo {

// Reads a block of bytes from front to back and never past its end: each read says whether there was enough.
// Does not own the bytes. A copy is cheap and reads on independently.
class ByteReader {
 public:
  // `origin` is the offset of bytes[0] in the file, so that errors name places in the file.
  explicit ByteReader(std::span<const std::uint8_t> bytes, std::size_t origin = 0) : bytes_(bytes), origin_(origin) {}

  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t remaining() const { return bytes_.size() - position_; }
  // Units: bytes from the start of the file.
  std::size_t offset() const { return origin_ + position_; }

  Result<std::uint8_t> read_u8();
  Result<std::uint16_t> read_u16_be();
  Result<std::uint32_t> read_u32_be();
  // Errors: truncated, when fewer than `count` bytes are left (none is consumed then).
  Result<std::span<const std::uint8_t>> read_bytes(std::size_t count);
  // As many of `count` bytes as are left.
  std::span<const std::uint8_t> take(std::size_t count);
  // Requires: !at_end().
  std::uint8_t peek() const { return bytes_[position_]; }
  void skip(std::size_t count);

  Error error(ErrorCode code, std::string what) const;

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t origin_;
  std::size_t position_ = 0;
};

}  // namespace continuo
