#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/diagnostics.h"
#include "continuo/notation/piece.h"
#include "continuo/score/score.h"

namespace continuo::notation {

// Extensions that are read and written, with the dot, lower case.
std::span<const std::string_view> readable_extensions();  // .mid .midi .kar .rmi .abc .mxl .musicxml .xml
std::span<const std::string_view> writable_extensions();  // .mid .midi
// ".mid .midi", for messages.
std::string listed(std::span<const std::string_view> extensions);

// All that a file holds.
struct MusicFile {
  std::string_view format;    // "Standard MIDI File", "ABC", "MusicXML"
  std::vector<Piece> pieces;  // one, or as many as a book has tunes
  Diagnostics diagnostics;    // what was read around or left out
  // The first piece that has notes, else the first; nullptr where there is none.
  const Piece* first() const;
};

// Reads a file of the format that its content looks like, else of that of its extension. A MIDI file without a note is
// a Score without notes. Files beyond 64 MiB are refused.
// Errors: not_found, io, empty, too_large, unsupported (neither content nor extension is known), and those of the
// format's reader. Errors carry the path.
Result<MusicFile> read_music_file(const std::filesystem::path& path);
// The same of bytes that are in memory, such as standard input; the content alone decides. Errors: empty, unsupported,
// and those of the format's reader, without a path.
Result<MusicFile> read_music(std::string_view bytes);
// The scores alone, which takes less time. What a MIDI file has beside them is not noted.
Result<std::vector<score::Score>> read_scores(const std::filesystem::path& path, Diagnostics* diagnostics = nullptr);
// The first of them that has notes.
Result<score::Score> read_score(const std::filesystem::path& path);

// Writes atomically, in the format of the extension. What the format cannot hold is noted.
// Errors: unsupported (extension), invalid_argument (the score), io, no_space.
Status write_piece(const Piece& piece, const std::filesystem::path& path, Diagnostics& diagnostics);
Status write_score(const score::Score& score, const std::filesystem::path& path);

}  // namespace continuo::notation
