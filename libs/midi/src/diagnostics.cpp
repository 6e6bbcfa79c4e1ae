#include "continuo/midi/diagnostics.h"

#include <array>

namespace continuo::midi {
namespace {

struct Entry {
  std::string_view name;
  std::string_view description;
};

// In the order of Defect.
constexpr std::array kEntries = {
    Entry{"leading_bytes", "bytes stand before the header chunk"},
    Entry{"odd_header_size", "the header chunk is not 6 bytes long"},
    Entry{"unknown_format", "the format is none of 0, 1 and 2"},
    Entry{"missing_tracks", "fewer tracks than the header announces"},
    Entry{"extra_tracks", "more tracks than the header announces"},
    Entry{"wrong_chunk_size", "a chunk does not end where it says"},
    Entry{"trailing_bytes", "bytes follow the last chunk"},
    Entry{"running_status_after_meta", "running status goes on after a meta or sysex event"},
    Entry{"no_running_status", "an event without a status"},
    Entry{"data_out_of_range", "a data byte above 127"},
    Entry{"stray_system_message", "a system message that has no place in a file"},
    Entry{"undefined_status", "a status that means nothing"},
    Entry{"overlong_number", "a variable-length number of more than 4 bytes"},
    Entry{"truncated_event", "the track ends inside an event"},
    Entry{"no_end_of_track", "the track has no end-of-track event"},
    Entry{"bytes_after_end_of_track", "bytes follow the end of the track"},
    Entry{"bad_meta_value", "a tempo, meter or key that cannot be"},
    Entry{"unmatched_note_off", "a note ends that did not start"},
    Entry{"unended_note", "a note does not end"},
};

bool means_truncation(Defect defect) { return defect == Defect::missing_tracks || defect == Defect::truncated_event; }

}  // namespace

std::string_view to_string(Defect defect) { return kEntries[static_cast<std::size_t>(defect)].name; }

std::string_view description(Defect defect) { return kEntries[static_cast<std::size_t>(defect)].description; }

Error Diagnostic::to_error() const {
  Error error;
  error.code = means_truncation(defect) ? ErrorCode::truncated : ErrorCode::malformed;
  error.what = description(defect);
  error.where = "byte " + std::to_string(offset);
  if (track != kNoTrack) error.where += ", track " + std::to_string(track);
  return error;
}

void Diagnostics::add(Defect defect, std::size_t offset, int track) {
  seen_ |= 1U << static_cast<unsigned>(defect);
  if (count_++ < kKept) kept_.push_back({defect, offset, track});
}

}  // namespace continuo::midi
