#include "state/event_file.h"

#include <bit>
#include <chrono>
#include <cmath>
#include <fstream>
#include <utility>

#include "continuo/base/checksum.h"

namespace continuo::train {
namespace {

namespace fs = std::filesystem;

// What a field's value looks like on the wire.
enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void put_varint(std::string& out, std::uint64_t value) {
  constexpr std::uint64_t kLow = 0x7f, kMore = 0x80;
  for (; value > kLow; value >>= 7) out += static_cast<char>((value & kLow) | kMore);
  out += static_cast<char>(value);
}

template <typename Whole>
void put_little_endian(std::string& out, Whole value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

void put_key(std::string& out, int field, Wire wire) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire));
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_key(out, field, kBytes);
  put_varint(out, bytes.size());
  out += bytes;
}

void put_whole(std::string& out, int field, std::int64_t value) {
  put_key(out, field, kVarint);
  put_varint(out, static_cast<std::uint64_t>(value));
}

// Fields of Event.
enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };

std::string event_at(double wall_sec) {
  std::string event;
  put_key(event, kWallTime, kFixed64);
  put_little_endian(event, std::bit_cast<std::uint64_t>(wall_sec));
  return event;
}

// Summary.Value: its tag and simple_value.
std::string scalar_message(const Scalar& scalar) {
  std::string value;
  put_bytes(value, 1, scalar.tag);
  put_key(value, 2, kFixed32);
  put_little_endian(value, std::bit_cast<std::uint32_t>(static_cast<float>(scalar.value)));
  return value;
}

std::uint32_t masked_checksum(std::string_view bytes) {
  constexpr std::uint32_t kMask = 0xa282ead8;
  const std::uint32_t crc = crc32c({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  return std::rotr(crc, 15) + kMask;
}

double system_sec() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// TensorBoard takes files with "tfevents" in their names, in the order of the names. A name that is not taken yet.
fs::path new_file(const fs::path& folder, double wall_sec) {
  const std::string stem = "events.out.tfevents." + std::to_string(std::llround(std::floor(wall_sec))) + ".continuo.";
  std::error_code ignored;
  for (int number = 0;; ++number) {
    fs::path path = folder / (stem + std::to_string(number));
    if (!fs::exists(path, ignored)) return path;
  }
}

}  // namespace

std::string version_event(double wall_sec) {
  std::string event = event_at(wall_sec);
  put_bytes(event, kFileVersion, "brain.Event:2");
  return event;
}

std::string scalars_event(double wall_sec, std::int64_t step, std::span<const Scalar> scalars) {
  std::string event = event_at(wall_sec), summary;
  put_whole(event, kStep, step);
  for (const Scalar& scalar : scalars) put_bytes(summary, 1, scalar_message(scalar));
  put_bytes(event, kSummary, summary);
  return event;
}

std::string start_event(double wall_sec, std::int64_t step) {
  constexpr int kStart = 1;  // SessionLog.START
  std::string event = event_at(wall_sec), session;
  put_whole(event, kStep, step);
  put_whole(session, 1, kStart);
  put_bytes(event, kSessionLog, session);
  return event;
}

std::string event_record(std::string_view data) {
  std::string record;
  put_little_endian(record, static_cast<std::uint64_t>(data.size()));
  put_little_endian(record, masked_checksum(record));
  record += data;
  put_little_endian(record, masked_checksum(data));
  return record;
}

bool is_event_file(const fs::path& path) { return path.filename().string().starts_with("events.out.tfevents."); }

EventFile::EventFile(fs::path folder, Now now) : folder_(std::move(folder)), now_(now ? std::move(now) : system_sec) {}

void EventFile::start(std::int64_t step) { pending_ += event_record(start_event(now_(), step)); }

void EventFile::add(std::int64_t step, std::span<const Scalar> scalars) {
  pending_ += event_record(scalars_event(now_(), step, scalars));
}

Status EventFile::write() {
  if (pending_.empty()) return {};
  if (path_.empty()) {
    const double now_sec = now_();
    path_ = new_file(folder_, now_sec);
    pending_.insert(0, event_record(version_event(now_sec)));
  }
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  file << pending_;
  file.close();
  if (!file) return Error{ErrorCode::io, "cannot be written", {}, path_.string()};
  pending_.clear();
  return {};
}

}  // namespace continuo::train
