#include "rice_code.h"

#include <bit>

namespace continuo::originality {
namespace {

class BitWriter {
 public:
  void put(bool bit) {
    if (free_ == 0) {
      bytes_.push_back(0);
      free_ = 8;
    }
    --free_;
    bytes_.back() = std::uint8_t(bytes_.back() | std::uint8_t(bit) << free_);
  }
  std::vector<std::uint8_t> bytes() && { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  int free_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool at_end() const { return at_ == bytes_.size() * 8; }
  bool take() {  // Requires: not at_end()
    const bool bit = (bytes_[at_ / 8] >> (7 - at_ % 8) & 1) != 0;
    ++at_;
    return bit;
  }
  std::size_t bytes_used() const { return (at_ + 7) / 8; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

int rice_bits(std::size_t count, int bits) {
  const int count_bits = count == 0 ? 0 : std::bit_width(count) - 1;
  return bits > count_bits ? bits - count_bits - 1 : 0;
}

std::vector<std::uint8_t> rice_encode(std::span<const std::uint64_t> numbers, int low_bits) {
  BitWriter writer;
  std::uint64_t last = 0;
  for (const std::uint64_t number : numbers) {
    const std::uint64_t distance = number - last;
    for (std::uint64_t ones = distance >> low_bits; ones > 0; --ones) writer.put(true);
    writer.put(false);
    for (int bit = low_bits - 1; bit >= 0; --bit) writer.put((distance >> bit & 1) != 0);
    last = number;
  }
  return std::move(writer).bytes();
}

std::optional<std::vector<std::uint64_t>> rice_decode(std::span<const std::uint8_t> bytes, std::size_t count,
                                                      int low_bits, int bits) {
  if (count > bytes.size() * 8 / std::size_t(1 + low_bits)) return std::nullopt;  // a number takes these bits at least
  BitReader reader(bytes);
  const std::uint64_t limit = std::uint64_t{1} << bits;
  std::vector<std::uint64_t> numbers;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t distance = 0;
    while (true) {
      if (reader.at_end()) return std::nullopt;
      if (!reader.take()) break;
      if (++distance > limit >> low_bits) return std::nullopt;
    }
    for (int bit = 0; bit < low_bits; ++bit) {
      if (reader.at_end()) return std::nullopt;
      distance = distance << 1 | std::uint64_t(reader.take());
    }
    if (distance == 0 && i > 0) return std::nullopt;
    last += distance;
    if (last >= limit) return std::nullopt;
    numbers.push_back(last);
  }
  if (reader.bytes_used() != bytes.size()) return std::nullopt;
  return numbers;
}

}  // namespace continuo::originality
