#include "shards/piece_codec.h"

#include <utility>

#include "continuo/corpus/little_endian.h"

namespace continuo::dataset {
namespace {

using corpus::append_number;
using corpus::take_number;

constexpr std::uint8_t kNoSplit = 255;

void append_text(const std::string& text, std::vector<std::uint8_t>& bytes) {
  append_number(std::uint32_t(text.size()), bytes);
  bytes.insert(bytes.end(), text.begin(), text.end());
}

// Takes fields off the front, remembering whether all of them were there.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::uint8_t>& bytes) : bytes_(bytes) {}

  template <typename T>
  void read(T& value) {
    if (good_ = good_ && bytes_.size() >= sizeof(T); good_) value = take_number<T>(bytes_);
  }
  void read(std::string& text) {
    std::uint32_t size = 0;
    read(size);
    if (good_ = good_ && bytes_.size() >= size; !good_) return;
    text.assign(reinterpret_cast<const char*>(bytes_.data()), size);
    bytes_ = bytes_.subspan(size);
  }
  void refuse() { good_ = false; }
  bool good() const { return good_; }

 private:
  std::span<const std::uint8_t>& bytes_;
  bool good_ = true;
};

void read_copies(FieldReader& fields, PieceRecord& record) {
  std::uint16_t count = 0;
  fields.read(count);
  for (std::uint16_t i = 0; i < count && fields.good(); ++i) {
    PieceRecord::Copy copy;
    std::uint8_t semitones = 0;
    fields.read(semitones);
    fields.read(copy.tokens);
    copy.semitones = std::int8_t(semitones);
    if (copy.tokens == 0)
      for (std::string* text : {&copy.code, &copy.reason, &copy.where}) fields.read(*text);
    record.copies.push_back(std::move(copy));
  }
}

}  // namespace

void append_record(const PieceRecord& record, std::vector<std::uint8_t>& bytes) {
  append_number(std::uint8_t(record.kind), bytes);
  append_number(record.split ? std::uint8_t(*record.split) : kNoSplit, bytes);
  append_number(record.file, bytes);
  append_text(record.name, bytes);
  if (record.kind >= PieceRecord::Kind::kUnencoded) {
    append_number(record.key.exact, bytes);
    append_number(record.key.group, bytes);
  }
  if (record.kind != PieceRecord::Kind::kPiece) {
    for (const std::string* text : {&record.code, &record.reason, &record.where}) append_text(*text, bytes);
    return;
  }
  append_number(record.notes, bytes);
  append_number(record.out_of_range, bytes);
  append_number(std::uint16_t(record.copies.size()), bytes);
  for (const PieceRecord::Copy& copy : record.copies) {
    append_number(std::uint8_t(copy.semitones), bytes);
    append_number(copy.tokens, bytes);
    if (copy.tokens == 0)
      for (const std::string* text : {&copy.code, &copy.reason, &copy.where}) append_text(*text, bytes);
  }
}

Result<PieceRecord> take_record(std::span<const std::uint8_t>& bytes) {
  PieceRecord record;
  FieldReader fields(bytes);
  std::uint8_t kind = 0, split = kNoSplit;
  fields.read(kind);
  fields.read(split);
  if (kind > std::uint8_t(PieceRecord::Kind::kPiece) || (split != kNoSplit && split >= kSplitCount)) fields.refuse();
  record.kind = PieceRecord::Kind(kind);
  if (split != kNoSplit) record.split = Split(split);
  fields.read(record.file);
  fields.read(record.name);
  if (record.kind >= PieceRecord::Kind::kUnencoded) {
    fields.read(record.key.exact);
    fields.read(record.key.group);
  }
  if (record.kind == PieceRecord::Kind::kPiece) {
    fields.read(record.notes);
    fields.read(record.out_of_range);
    read_copies(fields, record);
    if (record.copies.empty() || record.copies[0].semitones != 0 || record.copies[0].tokens == 0) fields.refuse();
  } else {
    for (std::string* text : {&record.code, &record.reason, &record.where}) fields.read(*text);
  }
  if (!fields.good()) return Error{ErrorCode::malformed, "malformed record", {}, {}};
  return record;
}

void append_left_out(const corpus::LeftOut& left_out, std::vector<std::uint8_t>& bytes) {
  for (const auto& [things, count] : left_out) {
    append_text(things, bytes);
    append_number(count, bytes);
  }
}

Result<corpus::LeftOut> take_left_out(std::span<const std::uint8_t>& bytes) {
  corpus::LeftOut left_out;
  FieldReader fields(bytes);
  while (!bytes.empty()) {
    std::string things;
    std::uint64_t count = 0;
    fields.read(things);
    fields.read(count);
    if (!fields.good()) return Error{ErrorCode::malformed, "a count of what was left out is broken", {}, {}};
    left_out[things] += count;
  }
  return left_out;
}

}  // namespace continuo::dataset
