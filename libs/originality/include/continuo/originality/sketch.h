#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::originality {

// What is left of an index when its notes are taken away: hashes of passages of 16 notes. It answers whether a piece
// has a passage that the music has, and neither which music that is nor how it sounds, so that a model can carry it
// where the music may not be passed around. The format of its file: docs/formats/originality.md. Immutable and
// thread-safe; a copy copies all.
class Sketch {
 public:
  // Errors: not_found, io, wrong_format, truncated, malformed.
  static Result<Sketch> open(const std::filesystem::path& path);
  static Result<Sketch> of_bytes(std::span<const std::uint8_t> bytes);
  // Whether the file begins as one.
  static bool is_one(const std::filesystem::path& path);

  std::size_t windows() const { return hashes_.size(); }
  bool has(std::uint64_t hash) const;

 private:
  std::vector<std::uint64_t> hashes_;  // rising
};

// Makes a sketch: add() each piece, in any order, then bytes().
class SketchBuilder {
 public:
  // Of a piece whose tracks are all drums nothing is kept.
  void add(const score::Score& piece);
  std::size_t notes() const { return notes_; }
  // The bytes of a file that Sketch::open() reads.
  std::vector<std::uint8_t> bytes() const;

 private:
  std::size_t notes_ = 0;
  std::vector<std::uint64_t> hashes_;
};

struct SketchReport {
  std::size_t notes = 0;         // in lines
  std::size_t shared_notes = 0;  // in passages that the music of the sketch has
  // Of the longest passage, at least: at either end it may have up to four notes more, and more of scales and trills.
  std::size_t longest = 0;
};

// The shortest passage that is found wherever it comes, unless it is a scale, a trill or a repeated figure.
inline constexpr std::size_t kSurelyInSketch = 20;
// How many notes more a passage may have than a report says.
inline constexpr std::size_t kMissedBySketch = 8;

// What a piece shares with the music of the sketch, in passages of `least` notes and more. One in 10,000 notes or fewer
// is said to be shared by chance. Requires: least >= 1.
SketchReport find_passages(const Sketch& sketch, const score::Score& piece, std::size_t least);

}  // namespace continuo::originality
