#include "continuo/base/byte_reader.h"

#include <algorithm>

namespace continuo {

Result<std::uint8_t> ByteReader::read_u8() {
  if (at_end()) return error(ErrorCode::truncated, "a byte is missing");
  return bytes_[position_++];
}

Result<std::uint16_t> ByteReader::read_u16_be() {
  if (remaining() < 2) return error(ErrorCode::truncated, "a 16-bit number is cut off");
  const auto* p = bytes_.data() + position_;
  position_ += 2;
  return static_cast<std::uint16_t>(p[0] << 8 | p[1]);
}

Result<std::uint32_t> ByteReader::read_u32_be() {
  if (remaining() < 4) return error(ErrorCode::truncated, "a 32-bit number is cut off");
  const auto* p = bytes_.data() + position_;
  position_ += 4;
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

Result<std::span<const std::uint8_t>> ByteReader::read_bytes(std::size_t count) {
  if (remaining() < count) {
    return error(ErrorCode::truncated,
                 std::to_string(count) + " bytes announced, " + std::to_string(remaining()) + " left");
  }
  return take(count);
}

std::span<const std::uint8_t> ByteReader::take(std::size_t count) {
  const auto part = bytes_.subspan(position_, std::min(count, remaining()));
  position_ += part.size();
  return part;
}

void ByteReader::skip(std::size_t count) { position_ += std::min(count, remaining()); }

Error ByteReader::error(ErrorCode code, std::string what) const {
  return {code, std::move(what), "byte " + std::to_string(offset()), {}};
}

}  // namespace continuo
