#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace continuo {

// Text for people: numbers as they read them, and lists.

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);
// "1 piece", "1,234 pieces".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);
// "1:05", from an hour on "1:00:05". To the nearest second; below zero is zero.
std::string clock_text(double seconds);

// With the letters A to Z as small ones; other bytes stay.
std::string lower_case(std::string_view text);

// "a, b, c" of a range of texts.
template <typename Texts>
std::string joined(const Texts& texts, std::string_view separator = ", ") {
  std::string list;
  for (const std::string_view text : texts) {
    if (!list.empty()) list += separator;
    list += text;
  }
  return list;
}

}  // namespace continuo
