#include "continuo/notation/notation.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/notation/abc.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/notation/musicxml.h"

#include "text_encoding.h"

namespace continuo::notation {
namespace {

constexpr std::array<std::string_view, 8> kReadable = {".mid", ".midi", ".kar",      ".rmi",
                                                       ".abc", ".mxl",  ".musicxml", ".xml"};
constexpr std::array<std::string_view, 2> kWritable = {".mid", ".midi"};
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 20;

std::string extension_of(const std::filesystem::path& path) { return lower_case(path.extension().string()); }

bool contains(std::span<const std::string_view> extensions, std::string_view extension) {
  return std::ranges::find(extensions, extension) != extensions.end();
}

Error unknown_extension(const std::filesystem::path& path, const char* doing,
                        std::span<const std::string_view> extensions) {
  const std::string extension = extension_of(path);
  return Error{ErrorCode::unsupported,
               "cannot " + std::string(doing) + " " + (extension.empty() ? "a file without an extension" : extension) +
                   " (known: " + listed(extensions) + ")",
               "", path.string()};
}

Result<std::vector<score::Score>> pieces_of(const std::filesystem::path& path) {
  const std::string extension = extension_of(path);
  if (!contains(kReadable, extension)) return unknown_extension(path, "read", kReadable);
  if (extension == ".abc") {
    CONTINUO_ASSIGN(const std::string text, read_text_file(path, kMaxFileBytes));
    return read_abc(text);
  }
  if (extension == ".mxl" || extension == ".musicxml" || extension == ".xml") {
    CONTINUO_ASSIGN(const std::string bytes, read_text_file(path, kMaxFileBytes));
    CONTINUO_ASSIGN(MusicXmlScore read, read_musicxml(bytes));
    std::vector<score::Score> pieces;
    pieces.push_back(std::move(read.score));
    return pieces;
  }
  CONTINUO_ASSIGN(const std::vector<std::uint8_t> bytes, read_file(path, kMaxFileBytes));
  return read_midi_pieces(bytes);
}

}  // namespace

std::string listed(std::span<const std::string_view> extensions) {
  std::string list;
  for (const std::string_view extension : extensions) list.append(list.empty() ? "" : " ").append(extension);
  return list;
}

std::span<const std::string_view> readable_extensions() { return kReadable; }

std::span<const std::string_view> writable_extensions() { return kWritable; }

Result<std::vector<score::Score>> read_scores(const std::filesystem::path& path) {
  Result<std::vector<score::Score>> pieces = pieces_of(path);
  if (!pieces.ok()) return std::move(pieces).error().in_file(path.string());
  return pieces;
}

Result<score::Score> read_score(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(std::vector<score::Score> pieces, read_scores(path));
  if (pieces.empty()) return Error{ErrorCode::no_notes, "no music in the file", "", path.string()};
  const auto sounding = std::ranges::find_if(pieces, [](const score::Score& s) { return s.note_count() > 0; });
  return std::move(sounding == pieces.end() ? pieces.front() : *sounding);
}

Status write_score(const score::Score& score, const std::filesystem::path& path) {
  if (!contains(kWritable, extension_of(path))) return unknown_extension(path, "write", kWritable);
  const Result<std::vector<std::uint8_t>> bytes = write_midi(score);
  if (!bytes.ok()) return bytes.error().in_file(path.string());
  return write_file(path, *bytes);
}

}  // namespace continuo::notation
