#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace continuo::notation {

// What a tolerant reader met and read around, or what a writer could not keep.
enum class DiagnosticKind {
  damage,         // bytes that break the format, read around
  skipped,        // something that makes no sense, left out
  bar_length,     // a bar that does not add up
  chord_symbol,   // a chord symbol that cannot be played; its text is kept
  parts,          // voices or parts that do not agree on the number of measures
  rejected_tune,  // a tune of a book, left out
  left_out,       // something valid that a Score or the target format has no place for
};
inline constexpr std::size_t kDiagnosticKinds = 7;
std::string_view to_string(DiagnosticKind kind);  // "bar_length"

struct Diagnostic {
  DiagnosticKind kind = DiagnosticKind::skipped;
  std::string place;      // "line 12, column 3 (Title)", "part P1, measure 12", "byte 20, track 3"; may be empty
  std::string what;       // a sentence without a full stop
  std::size_t count = 1;  // how often it was met at this place
  std::string things;     // of left_out: "cue notes"
  // "PLACE: WHAT", and " (N times)" where it was met more than once.
  std::string to_line() const;
};

// What was noted about one file. Keeps the first kKept and counts the rest, so that no file makes it large.
class Diagnostics {
 public:
  static constexpr std::size_t kKept = 1000;

  void add(Diagnostic diagnostic);
  void add(DiagnosticKind kind, std::string place, std::string what, std::size_t count = 1);
  // The same, unless something of this kind has been noted at this place: a bar that is played twice is reported once.
  void add_once(DiagnosticKind kind, std::string place, std::string what);
  // Valid things that are lost, unless `count` is 0: "3 lyrics left out: a picture holds no text".
  void add_left_out(std::size_t count, std::string_view one, std::string_view many, std::string_view reason);

  std::span<const Diagnostic> kept() const { return kept_; }
  std::size_t count(DiagnosticKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  std::size_t count() const;
  // How many of what was left out: "cue notes", 3.
  std::map<std::string, std::uint64_t> left_out() const;
  bool empty() const { return count() == 0; }
  // A line for each kind with its number and first place: "2 bars do not add up (first: line 6: a bar of 3/4 in 4/4
  // time)". Damage and what was left out have a line for each sort already.
  std::vector<std::string> summary() const;

 private:
  std::vector<Diagnostic> kept_;
  std::array<std::size_t, kDiagnosticKinds> counts_{};
  std::set<std::pair<DiagnosticKind, std::string>> places_;  // of add_once
};

}  // namespace continuo::notation
