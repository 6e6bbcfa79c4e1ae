#include "continuo/originality/index.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "index_layout.h"
#include "packed_times.h"

namespace continuo::originality {
namespace {

struct Header {
  std::array<char, 8> magic;
  std::uint64_t first, end, of, source, pieces, name_bytes, lines, notes, packed_bytes, windows;
};
static_assert(sizeof(Header) == 88);

struct StoredLine {
  std::uint32_t notes, packed_bytes, piece, track;
};

// Takes sections off the front of a file.
class IndexReader {
 public:
  explicit IndexReader(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  // Nothing where fewer are left.
  template <typename Number>
  std::optional<std::span<const Number>> section(std::uint64_t count) {
    if (count > left_.size() / sizeof(Number)) return std::nullopt;
    const auto* first = reinterpret_cast<const Number*>(left_.data());
    const std::size_t size = std::size_t(count) * sizeof(Number);
    left_ = left_.subspan(std::min(left_.size(), (size + 7) / 8 * 8));
    return std::span<const Number>(first, std::size_t(count));
  }
  std::size_t left() const { return left_.size(); }

 private:
  std::span<const std::uint8_t> left_;
};

Error malformed(const char* what) { return Error{ErrorCode::malformed, what}; }

}  // namespace

Result<Index> Index::open(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(auto file, MappedFile::open(path));
  auto index = read(file->bytes(), file);
  if (!index.ok()) return index.error().in_file(path.string());
  return index;
}

Result<Index> Index::of_bytes(std::vector<std::uint8_t> bytes) {
  const auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
  return read(*owned, owned);
}

Result<Index> Index::read(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner) {
  Header header{};
  if (bytes.size() < sizeof(Header)) {
    const bool begins =
        bytes.size() >= kIndexMagic.size() && std::equal(kIndexMagic.begin(), kIndexMagic.end(), bytes.begin());
    return begins ? Error{ErrorCode::truncated, "the index ends within its header"}
                  : Error{ErrorCode::wrong_format, "this is no index of originality"};
  }
  std::memcpy(&header, bytes.data(), sizeof(Header));
  if (header.magic != kIndexMagic) return Error{ErrorCode::wrong_format, "this is no index of originality"};
  Index index;
  index.owner_ = std::move(owner);
  index.share_ = {header.first, header.end, header.of, header.source};
  IndexReader reader(bytes.subspan(sizeof(Header)));
  const auto names = reader.section<char>(header.name_bytes);
  const auto lines = names ? reader.section<StoredLine>(header.lines) : std::nullopt;
  const auto pitches = lines ? reader.section<std::uint8_t>(header.notes) : std::nullopt;
  const auto packed = pitches ? reader.section<std::uint8_t>(header.packed_bytes) : std::nullopt;
  const auto hashes = packed ? reader.section<std::uint32_t>(header.windows) : std::nullopt;
  const auto places = hashes ? reader.section<std::uint32_t>(header.windows) : std::nullopt;
  if (!places) return Error{ErrorCode::truncated, "the index ends within its sections"};
  if (reader.left() > 0) return malformed("the index has bytes after its last section");
  for (auto begin = names->begin(); begin != names->end();) {
    const auto end = std::find(begin, names->end(), '\0');
    if (end == names->end()) return malformed("the last name of the index does not end");
    index.pieces_.emplace_back(begin, end);
    begin = end + 1;
  }
  if (index.pieces_.size() != header.pieces) return malformed("the index has another number of names than of pieces");
  std::uint64_t first = 0, packed_first = 0;
  for (const StoredLine& line : *lines) {
    const bool in_order = index.lines_.empty() || index.lines_.back().piece <= line.piece;
    if (line.piece >= header.pieces || line.notes == 0 || !in_order) return malformed("a line of the index is broken");
    index.lines_.push_back(
        {first, first + line.notes, line.piece, line.track, packed_first, packed_first + line.packed_bytes});
    first += line.notes;
    packed_first += line.packed_bytes;
  }
  if (first != header.notes || packed_first != header.packed_bytes)
    return malformed("the lines of the index have another number of notes or times than it");
  if (!std::ranges::is_sorted(*hashes)) return malformed("the windows of the index are not sorted");
  for (const std::uint32_t place : *places)
    if (place >= header.notes) return malformed("a window of the index lies outside of it");
  index.pitches_ = *pitches;
  index.packed_ = *packed;
  index.hashes_ = *hashes;
  index.places_ = *places;
  return index;
}

std::vector<LineNote> Index::notes(const Line& line) const {
  std::vector<LineNote> notes(line.end - line.first);
  unpack_times(packed_.subspan(line.packed, line.packed_end - line.packed), notes);
  for (std::size_t i = 0; i < notes.size(); ++i) notes[i].pitch = pitches_[line.first + i];
  return notes;
}

}  // namespace continuo::originality
