#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"

namespace continuo::notation {

// How much of a file sniff() needs to see.
inline constexpr std::size_t kHeadBytes = 4096;

enum class SideEvents { drop, keep };

// A file format: a parser and a row of the table in formats.cpp.
struct Format {
  std::string_view name;
  std::span<const std::string_view> extensions;           // with the dot, lower case
  std::span<const std::string_view> writable_extensions;  // those of them that write() makes
  // Whether a file that begins like this is of the format. Requires: the first kHeadBytes, or all of it.
  bool (*sniff)(std::string_view head);
  // All pieces of a file. Errors: those of the format's reader.
  Result<std::vector<Piece>> (*read)(std::string_view bytes, SideEvents side_events, Diagnostics& diagnostics);
  // The bytes of a file; nullptr where the format is not written. What it cannot hold is noted.
  Result<std::vector<std::uint8_t>> (*write)(const Piece& piece, Diagnostics& diagnostics);
};

std::span<const Format> formats();

// The format that has the extension, with the dot, lower case; nullptr where none has it.
const Format* format_with_extension(std::string_view extension);

// The format of a file: the one of its extension, unless the content looks like another and not like that. nullptr
// where neither says anything.
const Format* format_of(std::string_view extension, std::string_view head);

}  // namespace continuo::notation
