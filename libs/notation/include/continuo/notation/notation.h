#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// Extensions that read_score and write_score know, with the dot, lower case.
std::span<const std::string_view> readable_extensions();  // .mid .midi .kar .rmi .abc .mxl .musicxml .xml
std::span<const std::string_view> writable_extensions();  // .mid .midi
// ".mid .midi", for messages.
std::string listed(std::span<const std::string_view> extensions);

// The music in a file, by its extension; of a book of tunes the first that has notes. A MIDI file without a note is a
// Score without notes. Files beyond 64 MiB are refused.
// Errors: not_found, io, empty, too_large, unsupported (extension), and those of the format's reader. Errors carry the
// path.
Result<score::Score> read_score(const std::filesystem::path& path);
// All pieces of a file: one, or as many as a book has tunes.
Result<std::vector<score::Score>> read_scores(const std::filesystem::path& path);
// Writes atomically. Errors: unsupported (extension), io, no_space.
Status write_score(const score::Score& score, const std::filesystem::path& path);

}  // namespace continuo::notation
