#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/error.h"

namespace continuo::midi {

// Ways in which files break the standard and can be read all the same.
enum class Defect {
  leading_bytes,              // bytes before the header chunk
  odd_header_size,            // the header chunk is not 6 bytes long
  unknown_format,             // not 0, 1 or 2: read as 1
  missing_tracks,             // fewer tracks than the header says
  extra_tracks,               // more tracks than the header says
  wrong_chunk_size,           // a chunk does not end where it says
  trailing_bytes,             // what follows the last chunk is none
  running_status_after_meta,  // running status that continues after a meta or sysex event, which ends it
  no_running_status,          // data without any status: the track is read up to here
  data_out_of_range,          // a data byte above 127: read as 127
  stray_system_message,       // one that has no place in a file: skipped
  undefined_status,           // F4, F5, F9 or FD, which mean nothing: the track is read up to here
  overlong_number,            // a variable-length number of more than 4 bytes: the track is read up to here
  truncated_event,            // the track ends inside an event, which is left out
  no_end_of_track,
  bytes_after_end_of_track,  // ignored
  bad_meta_value,            // a tempo, meter or key that cannot be: left out
  unmatched_note_off,        // a note ends that did not start: ignored
  unended_note,              // a note starts and does not end: lasts until the end of its track
};
inline constexpr std::size_t kDefects = static_cast<std::size_t>(Defect::unended_note) + 1;
std::string_view to_string(Defect defect);    // "wrong_chunk_size"
std::string_view description(Defect defect);  // a sentence without a full stop

inline constexpr int kNoTrack = -1;

struct Diagnostic {
  Defect defect{};
  std::size_t offset = 0;  // in the file; 0 where no single place is meant
  int track = kNoTrack;
  // As strict readers report it. Code: truncated or malformed.
  Error to_error() const;
};

// What was wrong with one file. Keeps the first kKept and counts the rest, so that no file makes it large.
class Diagnostics {
 public:
  static constexpr std::size_t kKept = 64;

  void add(Defect defect, std::size_t offset, int track = kNoTrack);
  std::span<const Diagnostic> kept() const { return kept_; }
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::size_t count(Defect defect) const { return counts_[static_cast<std::size_t>(defect)]; }
  bool contains(Defect defect) const { return count(defect) > 0; }

 private:
  std::vector<Diagnostic> kept_;
  std::size_t count_ = 0;
  std::array<std::size_t, kDefects> counts_{};
};

}  // namespace continuo::midi
