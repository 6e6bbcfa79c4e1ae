#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace continuo::notation {

bool is_utf8(std::string_view text);

// Of UTF-8.
std::string_view without_byte_order_mark(std::string_view text);

// Text of a file of unknown encoding as UTF-8: as it is where it is valid UTF-8, otherwise taken as Latin-1.
// What follows a NUL is left out.
std::string to_utf8(std::span<const std::uint8_t> bytes);

// At most `limit` bytes of it, cut between characters. Requires: is_utf8(text).
std::string cut_utf8(std::string text, std::size_t limit);

// What a message quotes of a file: 60 bytes at most, and "..." where there are more.
std::string excerpt(std::string_view text);

}  // namespace continuo::notation
