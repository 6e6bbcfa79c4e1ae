#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/result.h"
#include "continuo/originality/note_lines.h"
#include "continuo/score/score.h"

namespace continuo::originality {

// The lines of many pieces, and where in them each passage begins that a piece could share: what find_passages() looks
// up. The format of its file: docs/formats/originality.md. A copy shares the mapped file. Immutable and thread-safe.
class Index {
 public:
  // Errors: not_found, io, wrong_format, truncated, malformed.
  static Result<Index> open(const std::filesystem::path& path);
  // Errors: as open().
  static Result<Index> of_bytes(std::vector<std::uint8_t> bytes);

  // The notes of a track of a piece: [first, end) of pitches(). When they come is packed, and read by notes().
  struct Line {
    std::uint64_t first, end;
    std::uint32_t piece, track;
    std::uint64_t packed, packed_end;  // where its times are in packed_times()
  };
  // Of all pieces that were added, which of them were added here, where others have been left to other shards.
  struct Share {
    std::uint64_t first = 0, end = 0, of = 0;
    std::uint64_t source = 0;  // a hash of what they are, the same for all shards
    bool is_all() const { return first == 0 && end == of; }
    friend bool operator==(const Share&, const Share&) = default;
  };

  const Share& share() const { return share_; }
  std::span<const Line> lines() const { return lines_; }
  const std::string& piece(std::size_t number) const { return pieces_[number]; }
  std::size_t pieces() const { return pieces_.size(); }
  std::span<const std::uint8_t> pitches() const { return pitches_; }
  // All of a line, as note_lines() found them; times that are broken are those of the note before. O(notes of the
  // line).
  std::vector<LineNote> notes(const Line& line) const;
  // The times of all lines, packed as docs/formats/originality.md says.
  std::span<const std::uint8_t> packed_times() const { return packed_; }
  // The windows that are kept, by rising hash, then place.
  std::span<const std::uint32_t> hashes() const { return hashes_; }
  // Of the first note of each.
  std::span<const std::uint32_t> places() const { return places_; }

 private:
  static Result<Index> read(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner);

  std::shared_ptr<const void> owner_;  // of what the spans refer to
  Share share_;
  std::vector<std::string> pieces_;
  std::vector<Line> lines_;
  std::span<const std::uint8_t> pitches_, packed_;
  std::span<const std::uint32_t> hashes_, places_;
};

// Makes an index: add() each piece in turn, then bytes(), which are the same for the same pieces on every machine.
class IndexBuilder {
 public:
  // Of a piece whose tracks are all drums nothing is kept but its name. Errors: too_large (more than 2^32 - 1 notes).
  Status add(std::string_view name, const score::Score& piece);
  std::size_t notes() const { return pitches_.size(); }
  // The bytes of a file that Index::open() reads. `share`: see Index; by default all that were added, of as many.
  std::vector<std::uint8_t> bytes() const;
  std::vector<std::uint8_t> bytes(const Index::Share& share) const;

 private:
  friend Result<std::vector<std::uint8_t>> merge(std::span<const Index> shards);
  Status add_line(std::uint32_t track, std::span<const std::uint8_t> pitches, std::span<const std::uint8_t> packed);

  std::vector<std::string> pieces_;
  std::vector<Index::Line> lines_;
  std::vector<std::uint8_t> pitches_, packed_;
};

// The bytes of the index that one builder makes of the pieces of all shards, in any order.
// Errors: incompatible (shards of different indices, one twice, or one missing), too_large.
Result<std::vector<std::uint8_t>> merge(std::span<const Index> shards);

}  // namespace continuo::originality
