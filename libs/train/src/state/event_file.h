#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "continuo/base/result.h"

namespace continuo::train {

// A named number of a step, as TensorBoard draws it.
struct Scalar {
  std::string_view tag;  // "train/loss"
  double value = 0;      // stored as a 32-bit float
};

// Messages "Event" in the wire format of protocol buffers. Source: tensorflow/core/util/event.proto and
// tensorflow/core/framework/summary.proto. Units: seconds since 1970.
std::string version_event(double wall_sec);  // the first of each file
std::string scalars_event(double wall_sec, std::int64_t step, std::span<const Scalar> scalars);
// A session starts at `step`: readers forget what earlier files have of this step and later ones.
std::string start_event(double wall_sec, std::int64_t step);

// A record of the file: length (8 bytes), its checksum, the data, its checksum. Checksums are CRC-32C, masked as
// ((crc >> 15) | (crc << 17)) + 0xa282ead8, all little-endian. Source: tensorflow/core/lib/io/record_writer.cc.
std::string event_record(std::string_view data);

// Whether a file of this name is one of event files.
bool is_event_file(const std::filesystem::path& path);

// The event file of one process of a run. Each process writes a new one, which is the format's custom; readers join
// them by steps. Nothing is on disk before write().
class EventFile {
 public:
  using Now = std::function<double()>;                             // seconds since 1970
  explicit EventFile(std::filesystem::path folder, Now now = {});  // without `now`: the system's clock

  // Of a resumed run, before anything else: the step that it takes next.
  void start(std::int64_t step);
  void add(std::int64_t step, std::span<const Scalar> scalars);
  // Appends what was added since the last time. Errors: io.
  Status write();

 private:
  std::filesystem::path folder_, path_;  // the file's name is chosen at its first write
  Now now_;
  std::string pending_;
};

}  // namespace continuo::train
