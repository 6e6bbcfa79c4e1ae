#include "continuo/base/hash.h"

namespace continuo {

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes, std::uint64_t basis) {
  for (const std::uint8_t byte : bytes) basis = (basis ^ byte) * 1099511628211ULL;
  return basis;
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t basis) {
  return fnv1a({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, basis);
}

std::string to_hex(std::uint64_t value) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4) {
    *digit = "0123456789abcdef"[value & 15];
  }
  return text;
}

}  // namespace continuo
