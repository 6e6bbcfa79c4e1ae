#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace continuo::midi::testing {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes chunk(std::string_view id, const Bytes& content) {
  Bytes bytes(id.begin(), id.end());
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(content.size() >> shift));
  return bytes + content;
}

inline Bytes header(int format, int tracks, int division = 480) {
  const auto high = [](int value) { return static_cast<std::uint8_t>(value >> 8); };
  const auto low = [](int value) { return static_cast<std::uint8_t>(value); };
  return chunk("MThd", {high(format), low(format), high(tracks), low(tracks), high(division), low(division)});
}

// A whole file of format 0 with this content of its track.
inline Bytes one_track(const Bytes& events) { return header(0, 1) + chunk("MTrk", events); }

inline const Bytes kEnd = {0x00, 0xFF, 0x2F, 0x00};
inline const Bytes kNote = {0x00, 0x90, 60, 64, 0x60, 0x80, 60, 0};

}  // namespace continuo::midi::testing
