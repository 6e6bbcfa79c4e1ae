#include "continuo/midi/diagnostics.h"

#include <array>

namespace continuo::midi {
namespace {

struct Entry {
  std::string_view name;
  std::string_view description;
};

// In the order of Defect.
constexpr std::array<Entry, kDefects> kEntries = {{
    {"leading_bytes", "bytes before the header chunk"},
    {"odd_header_size", "the header chunk is not 6 bytes long"},
    {"unknown_format", "the format is none of 0, 1 and 2"},
    {"missing_tracks", "fewer tracks than the header announces"},
    {"extra_tracks", "more tracks than the header announces"},
    {"wrong_chunk_size", "a chunk does not end where it says"},
    {"trailing_bytes", "bytes follow the last chunk"},
    {"running_status_after_meta", "running status continues after a meta or sysex event"},
    {"no_running_status", "an event without a status"},
    {"data_out_of_range", "a data byte above 127"},
    {"stray_system_message", "a system message that has no place in a file"},
    {"undefined_status", "a status that means nothing"},
    {"overlong_number", "a variable-length number of more than 4 bytes"},
    {"truncated_event", "the track ends inside an event"},
    {"no_end_of_track", "the track has no end-of-track event"},
    {"bytes_after_end_of_track", "bytes follow the end of the track"},
    {"bad_meta_value", "a tempo, meter or key that cannot be"},
    {"unmatched_note_off", "a note ends that did not start"},
    {"unended_note", "a note does not end"},
}};

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
  ++counts_[static_cast<std::size_t>(defect)];
  if (count_++ < kKept) kept_.push_back({defect, offset, track});
}

}  // namespace continuo::midi
