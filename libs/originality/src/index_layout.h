#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace continuo::originality {

// The file of an index, docs/formats/originality.md. Numbers are little-endian; each section begins at a multiple of
// eight bytes.
static_assert(std::endian::native == std::endian::little, "sections are mapped as they are");

inline constexpr std::array<char, 8> kIndexMagic = {'C', 'O', 'N', 'T', 'I', 'N', 'D', 'X'};

class IndexWriter {
 public:
  template <typename Number>
  void number(Number value) {
    numbers(std::span<const Number>(&value, 1));
  }
  template <typename Number>
  void numbers(std::span<const Number> values) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(values.data());
    bytes_.insert(bytes_.end(), first, first + values.size_bytes());
  }
  void align() {
    while (bytes_.size() % 8 != 0) bytes_.push_back(0);
  }
  std::vector<std::uint8_t> bytes() && { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace continuo::originality
