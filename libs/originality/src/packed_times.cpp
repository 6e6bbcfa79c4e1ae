#include "packed_times.h"

#include <algorithm>
#include <limits>

namespace continuo::originality {
namespace {

void push(std::uint64_t number, std::vector<std::uint8_t>& bytes) {
  for (; number >= 0x80; number >>= 7) bytes.push_back(std::uint8_t(number | 0x80));
  bytes.push_back(std::uint8_t(number));
}

// Takes a number off the front; 0 where none is left.
std::uint64_t take(std::span<const std::uint8_t>& bytes) {
  std::uint64_t number = 0;
  for (int shift = 0; !bytes.empty(); shift += 7) {
    const std::uint8_t byte = bytes[0];
    bytes = bytes.subspan(1);
    if (shift < 56) number |= std::uint64_t(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return number;
}

}  // namespace

std::vector<std::uint8_t> pack_times(std::span<const LineNote> notes) {
  std::vector<std::uint8_t> packed;
  LineNote before;
  for (const LineNote& note : notes) {
    const bool begins_bar = note.bar > before.bar;
    push(std::uint64_t(note.time - before.time) << 1 | std::uint64_t(begins_bar), packed);
    if (begins_bar) push(std::uint64_t(note.bar - before.bar - 1), packed);
    before = note;
  }
  return packed;
}

void unpack_times(std::span<const std::uint8_t> packed, std::span<LineNote> notes) {
  constexpr std::int64_t kLastBar = std::numeric_limits<std::int32_t>::max(), kLastTime = std::int64_t{1} << 60;
  LineNote before;
  for (LineNote& note : notes) {
    const std::uint64_t time = take(packed);
    const std::int64_t bars = (time & 1) != 0 ? std::int64_t(take(packed)) + 1 : 0;
    note.time = std::min(kLastTime, before.time + std::int64_t(time >> 1));
    note.bar = std::int32_t(std::min(kLastBar, before.bar + bars));
    before = note;
  }
}

}  // namespace continuo::originality
