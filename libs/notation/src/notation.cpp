#include "continuo/notation/notation.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/text.h"

#include "formats.h"
#include "text_encoding.h"

namespace continuo::notation {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;

std::string extension_of(const std::filesystem::path& path) { return lower_case(path.extension().string()); }

std::vector<std::string_view> all_extensions(std::span<const std::string_view> Format::*kind) {
  std::vector<std::string_view> all;
  for (const Format& format : formats()) all.insert(all.end(), (format.*kind).begin(), (format.*kind).end());
  return all;
}

// Empty where the file cannot be read.
std::string head_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(kHeadBytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

Error unknown_extension(const std::filesystem::path& path, const char* doing,
                        std::span<const std::string_view> extensions) {
  const std::string extension = extension_of(path);
  return Error{ErrorCode::unsupported,
               "cannot " + std::string(doing) + " " + (extension.empty() ? "a file without an extension" : extension) +
                   " (known: " + listed(extensions) + ")",
               "", path.string()};
}

Result<MusicFile> read_as(const Format& format, std::string_view bytes, SideEvents side_events) {
  MusicFile file;
  file.format = format.name;
  CONTINUO_ASSIGN(file.pieces, format.read(without_byte_order_mark(bytes), side_events, file.diagnostics));
  return file;
}

Result<MusicFile> read(const std::filesystem::path& path, SideEvents side_events) {
  const std::string extension = extension_of(path);
  // A file of an unknown extension may be anything, and large.
  if (format_with_extension(extension) == nullptr && format_of(extension, head_of(path)) == nullptr)
    return unknown_extension(path, "read", readable_extensions());
  CONTINUO_ASSIGN(const std::string bytes, read_text_file(path, kMaxFileBytes));
  const Format* format = format_of(extension, std::string_view(bytes).substr(0, kHeadBytes));
  if (format == nullptr) return unknown_extension(path, "read", readable_extensions());
  return read_as(*format, bytes, side_events);
}

// A file without pieces is an error to those who ask for its music.
Result<MusicFile> with_music(Result<MusicFile> file) {
  if (file.ok() && file->pieces.empty()) return Error{ErrorCode::no_notes, "no music in the file"};
  return file;
}

}  // namespace

std::string listed(std::span<const std::string_view> extensions) { return joined(extensions, " "); }

std::span<const std::string_view> readable_extensions() {
  static const std::vector<std::string_view> all = all_extensions(&Format::extensions);
  return all;
}

std::span<const std::string_view> writable_extensions() {
  static const std::vector<std::string_view> all = all_extensions(&Format::writable_extensions);
  return all;
}

const Piece* MusicFile::first() const {
  const auto sounding = std::ranges::find_if(pieces, [](const Piece& piece) { return piece.score.note_count() > 0; });
  if (sounding != pieces.end()) return &*sounding;
  return pieces.empty() ? nullptr : &pieces.front();
}

Result<MusicFile> read_music_file(const std::filesystem::path& path) {
  Result<MusicFile> file = with_music(read(path, SideEvents::keep));
  if (!file.ok()) return std::move(file).error().in_file(path.string());
  return file;
}

Result<MusicFile> read_music(std::string_view bytes) {
  if (bytes.empty()) return Error{ErrorCode::empty, "is empty"};
  const Format* format = format_of("", bytes.substr(0, kHeadBytes));
  if (format == nullptr) return Error{ErrorCode::unsupported, "is no music of a known format"};
  return with_music(read_as(*format, bytes, SideEvents::keep));
}

Result<std::vector<score::Score>> read_scores(const std::filesystem::path& path, Diagnostics* diagnostics) {
  Result<MusicFile> file = read(path, SideEvents::drop);
  if (!file.ok()) return std::move(file).error().in_file(path.string());
  std::vector<score::Score> scores;
  for (Piece& piece : file->pieces) scores.push_back(std::move(piece.score));
  if (diagnostics != nullptr) *diagnostics = std::move(file->diagnostics);
  return scores;
}

Result<score::Score> read_score(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(std::vector<score::Score> pieces, read_scores(path));
  if (pieces.empty()) return Error{ErrorCode::no_notes, "no music in the file", "", path.string()};
  const auto sounding = std::ranges::find_if(pieces, [](const score::Score& s) { return s.note_count() > 0; });
  return std::move(sounding == pieces.end() ? pieces.front() : *sounding);
}

Status write_piece(const Piece& piece, const std::filesystem::path& path, Diagnostics& diagnostics) {
  const std::string extension = extension_of(path);
  const Format* format = format_with_extension(extension);
  const bool is_written = format != nullptr && std::ranges::find(format->writable_extensions, extension) !=
                                                   format->writable_extensions.end();
  if (!is_written) return unknown_extension(path, "write", writable_extensions());
  const Result<std::vector<std::uint8_t>> bytes = format->write(piece, diagnostics);
  if (!bytes.ok()) return bytes.error().in_file(path.string());
  return write_file(path, *bytes);
}

Status write_score(const score::Score& score, const std::filesystem::path& path) {
  Diagnostics diagnostics;
  return write_piece({.score = score, .side_tracks = {}}, path, diagnostics);
}

}  // namespace continuo::notation
