#include "formats.h"

#include <algorithm>
#include <array>
#include <utility>

#include "continuo/notation/abc.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"
#include "continuo/notation/musicxml.h"

#include "text_encoding.h"

namespace continuo::notation {
namespace {

std::vector<Piece> pieces_of(std::vector<score::Score> scores) {
  std::vector<Piece> pieces(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) pieces[i].score = std::move(scores[i]);
  return pieces;
}

bool sniff_midi(std::string_view head) {
  const bool is_riff = head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "RMID";
  return is_riff || head.starts_with("MThd");
}

Result<std::vector<Piece>> read_midi_file(std::string_view bytes, SideEvents side_events, Diagnostics& diagnostics) {
  const std::span data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (side_events == SideEvents::keep) return read_midi_with_side_events(data, diagnostics);
  CONTINUO_ASSIGN(std::vector<score::Score> scores, read_midi_pieces(data));
  return pieces_of(std::move(scores));
}

Result<std::vector<std::uint8_t>> write_midi_file(const Piece& piece, Diagnostics&) { return write_midi(piece); }

// A tune begins with X: at the beginning of a line, and its header ends with K:.
bool sniff_abc(std::string_view head) {
  head = without_byte_order_mark(head);
  if (head.starts_with("%abc")) return true;
  const auto find_field = [head](std::string_view field, std::size_t from) {
    std::size_t at = head.find(field, from);
    while (at != head.npos && at > 0 && head[at - 1] != '\n' && head[at - 1] != '\r') at = head.find(field, at + 1);
    return at;
  };
  const std::size_t number = find_field("X:", 0);
  return number != head.npos && head.find('\0') == head.npos && find_field("K:", number) != head.npos;
}

Result<std::vector<Piece>> read_abc_file(std::string_view bytes, SideEvents, Diagnostics& diagnostics) {
  CONTINUO_ASSIGN(AbcBook book, read_abc_book(bytes));
  diagnostics = std::move(book.diagnostics);
  return std::move(book.tunes);
}

// Much else is XML, and a zip.
bool sniff_musicxml(std::string_view head) {
  return looks_like_mxl(head) || (head.find('<') < 8 && looks_like_musicxml(head));
}

Result<std::vector<Piece>> read_musicxml_file(std::string_view bytes, SideEvents, Diagnostics& diagnostics) {
  CONTINUO_ASSIGN(MusicXmlScore read, read_musicxml(bytes));
  diagnostics = std::move(read.diagnostics);
  std::vector<Piece> pieces(1);
  pieces.front() = {.score = std::move(read.score), .side_tracks = std::move(read.side_tracks)};
  return pieces;
}

constexpr std::array<std::string_view, 4> kMidiExtensions = {".mid", ".midi", ".kar", ".rmi"};
constexpr std::array<std::string_view, 1> kAbcExtensions = {".abc"};
constexpr std::array<std::string_view, 3> kMusicXmlExtensions = {".mxl", ".musicxml", ".xml"};

constexpr std::array kFormats = {
    Format{.name = "Standard MIDI File",
           .extensions = kMidiExtensions,
           .writable_extensions = std::span(kMidiExtensions).first(2),
           .sniff = sniff_midi,
           .read = read_midi_file,
           .write = write_midi_file},
    Format{.name = "ABC",
           .extensions = kAbcExtensions,
           .writable_extensions = {},
           .sniff = sniff_abc,
           .read = read_abc_file,
           .write = nullptr},
    Format{.name = "MusicXML",
           .extensions = kMusicXmlExtensions,
           .writable_extensions = {},
           .sniff = sniff_musicxml,
           .read = read_musicxml_file,
           .write = nullptr},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* format_with_extension(std::string_view extension) {
  const auto has_it = [&](const Format& format) {
    return std::ranges::find(format.extensions, extension) != format.extensions.end();
  };
  const auto found = std::ranges::find_if(kFormats, has_it);
  return found == kFormats.end() ? nullptr : &*found;
}

const Format* format_of(std::string_view extension, std::string_view head) {
  const Format* named = format_with_extension(extension);
  if (named != nullptr && named->sniff(head)) return named;
  const auto alike = std::ranges::find_if(kFormats, [&](const Format& format) { return format.sniff(head); });
  return alike == kFormats.end() ? named : &*alike;
}

}  // namespace continuo::notation
