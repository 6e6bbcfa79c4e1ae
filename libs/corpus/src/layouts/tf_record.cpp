#include "layouts/tf_record.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "continuo/base/checksum.h"
#include "continuo/base/platform/platform.h"
#include "continuo/corpus/little_endian.h"

namespace continuo::corpus {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t kLargestRecord = std::uint64_t{1} << 30;

// A message of protocol buffers, field by field.
class ProtoReader {
 public:
  struct Field {
    std::uint32_t number = 0;
    std::uint64_t value = 0;  // of a varint or a fixed number
    Bytes bytes;              // of what has a length
    bool has_length = false;
  };

  explicit ProtoReader(Bytes bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty() || !good_; }
  bool good() const { return good_; }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) break;
      const std::uint8_t byte = bytes_.front();
      bytes_ = bytes_.subspan(1);
      value |= std::uint64_t(byte & 127) << shift;
      if (byte < 128) return value;
    }
    good_ = false;
    return 0;
  }

  Field field() {
    Field field;
    const std::uint64_t tag = varint();
    field.number = std::uint32_t(tag >> 3);
    switch (tag & 7) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.value = fixed<std::uint64_t>();
        break;
      case 2:
        field.has_length = true;
        field.bytes = take(varint());
        break;
      case 5:
        field.value = fixed<std::uint32_t>();
        break;
      default:
        good_ = false;
    }
    return field;
  }

  template <typename T>
  T fixed() {
    const Bytes taken = take(sizeof(T));
    if (taken.size() < sizeof(T)) return 0;
    Bytes rest = taken;
    return take_number<T>(rest);
  }

 private:
  Bytes take(std::uint64_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      return {};
    }
    const Bytes taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  Bytes bytes_;
  bool good_ = true;
};

// Values of one of the lists; numbers come packed or one by one.
bool read_list(std::uint32_t kind, Bytes list, TfFeature& feature) {
  ProtoReader reader(list);
  while (!reader.at_end()) {
    const auto field = reader.field();
    if (!reader.good() || field.number != 1) continue;
    if (kind == 1) {
      feature.bytes.emplace_back(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    } else if (!field.has_length) {
      if (kind == 2) feature.floats.push_back(std::bit_cast<float>(std::uint32_t(field.value)));
      if (kind == 3) feature.integers.push_back(std::int64_t(field.value));
    } else {
      ProtoReader packed(field.bytes);
      while (!packed.at_end()) {
        if (kind == 2) feature.floats.push_back(std::bit_cast<float>(packed.fixed<std::uint32_t>()));
        if (kind == 3) feature.integers.push_back(std::int64_t(packed.varint()));
      }
      if (!packed.good()) return false;
    }
  }
  return reader.good();
}

bool read_feature(Bytes bytes, TfFeature& feature) {
  ProtoReader reader(bytes);
  while (!reader.at_end()) {
    const auto field = reader.field();
    const bool is_list = field.number >= 1 && field.number <= 3 && field.has_length;
    if (reader.good() && is_list && !read_list(field.number, field.bytes, feature)) return false;
  }
  return reader.good();
}

bool read_entry(Bytes bytes, TfExample& example) {
  ProtoReader reader(bytes);
  std::string key;
  TfFeature feature;
  while (!reader.at_end()) {
    const auto field = reader.field();
    if (field.number == 1) key.assign(reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size());
    if (field.number == 2 && !read_feature(field.bytes, feature)) return false;
  }
  example[key] = std::move(feature);
  return reader.good();
}

bool read_features(Bytes bytes, TfExample& example) {
  ProtoReader reader(bytes);
  while (!reader.at_end()) {
    const auto field = reader.field();
    if (reader.good() && field.number == 1 && !read_entry(field.bytes, example)) return false;
  }
  return reader.good();
}

}  // namespace

std::uint32_t masked_crc32c(Bytes bytes) {
  constexpr std::uint32_t kMaskDelta = 0xa282ead8;
  return std::rotr(crc32c(bytes), 15) + kMaskDelta;
}

Result<TfExample> parse_tf_example(Bytes record) {
  TfExample example;
  ProtoReader reader(record);
  bool good = true;
  while (good && !reader.at_end()) {
    const auto field = reader.field();
    if (field.number == 1) good = read_features(field.bytes, example);
  }
  if (good && reader.good()) return example;
  return Error{ErrorCode::malformed, "holds a record that is no tf.train.Example", {}, {}};
}

Result<TfRecordReader> TfRecordReader::open(const std::filesystem::path& path) {
  TfRecordReader reader;
  reader.path_ = path;
  reader.file_.reset(std::fopen(path.c_str(), "rb"));
  if (!reader.file_) return platform::error_from_errno(errno, path, "cannot be opened");
  std::error_code code;
  reader.size_ = std::filesystem::file_size(path, code);
  if (code) return platform::error_from_errno(code.value(), path, "cannot be read");
  return reader;
}

Error TfRecordReader::fault(ErrorCode code, const char* what) const {
  return {code, what, "byte " + std::to_string(offset_), path_.string()};
}

Result<std::optional<Bytes>> TfRecordReader::next() {
  constexpr std::size_t kHeadBytes = 12;
  if (offset_ == size_) return std::optional<Bytes>();
  std::array<std::uint8_t, kHeadBytes> head{};
  if (std::fread(head.data(), 1, head.size(), file_.get()) != head.size())
    return fault(ErrorCode::truncated, "ends within a record");
  Bytes rest = Bytes(head).subspan(8);
  if (masked_crc32c(Bytes(head).first(8)) != take_number<std::uint32_t>(rest))
    return fault(ErrorCode::malformed, "holds a record's length with a wrong checksum");
  rest = Bytes(head);
  const auto length = take_number<std::uint64_t>(rest);
  if (length > kLargestRecord) return fault(ErrorCode::malformed, "holds a record of more than 1 GiB");
  if (length + 4 > size_ - offset_ - kHeadBytes) return fault(ErrorCode::truncated, "ends within a record");
  record_.resize(length + 4);
  if (std::fread(record_.data(), 1, record_.size(), file_.get()) != record_.size())
    return platform::error_from_errno(errno, path_, "cannot be read");
  const Bytes bytes = Bytes(record_).first(length);
  rest = Bytes(record_).subspan(length);
  if (masked_crc32c(bytes) != take_number<std::uint32_t>(rest))
    return fault(ErrorCode::malformed, "holds a record with a wrong checksum");
  record_offset_ = offset_;
  offset_ += kHeadBytes + length + 4;
  return std::optional(bytes);
}

}  // namespace continuo::corpus
