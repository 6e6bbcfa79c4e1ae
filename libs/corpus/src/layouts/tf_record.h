#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::corpus {

// The records of a TFRecord file, one at a time. Source: TensorFlow, "TFRecord and tf.train.Example": for each its
// length (8 bytes), masked CRC-32C of the length, the bytes, masked CRC-32C of the bytes; little-endian.
class TfRecordReader {
 public:
  // Errors: not_found, io.
  static Result<TfRecordReader> open(const std::filesystem::path& path);
  // The next record, valid until the next call, or nullopt at the end. Errors: truncated, malformed (a checksum); with
  // path and byte.
  Result<std::optional<std::span<const std::uint8_t>>> next();
  // Of the record that next() gave last.
  std::uint64_t offset() const { return record_offset_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  TfRecordReader() = default;
  Error fault(ErrorCode code, const char* what) const;

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::uint64_t size_ = 0, offset_ = 0, record_offset_ = 0;
  std::vector<std::uint8_t> record_;
};

// A checksum as TFRecord stores it.
std::uint32_t masked_crc32c(std::span<const std::uint8_t> bytes);

// One feature of a tf.train.Example: of the three lists the one that it has.
struct TfFeature {
  std::vector<std::string> bytes;
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
};
using TfExample = std::map<std::string, TfFeature>;

// Source: tensorflow/core/example/{example,feature}.proto, and the wire format of protocol buffers. Errors: malformed.
Result<TfExample> parse_tf_example(std::span<const std::uint8_t> record);

}  // namespace continuo::corpus
