#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/result.h"

namespace continuo::checkpoint {

// All that the format knows. The engine runs kF32 and kBF16; the others are there so that foreign files load.
enum class DType { kF32, kBF16, kF16, kI8, kI64, kU8, kF64, kI32, kI16, kU64, kU32, kU16, kBool, kF8E4M3, kF8E5M2 };
std::size_t size_of(DType type);
std::string_view to_string(DType type);  // "F32", as the file names it

// A block of numbers, row-major, little-endian. Does not own `data`, which in a foreign file may be unaligned.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::uint8_t> data;
  std::int64_t elements() const;
};

// A file of tensors: 8 bytes little-endian header length, a JSON header, the data. Loading checks every length
// and offset against the file and runs nothing. Maps the file, so opening does not read the weights.
// Thread-safe. Source: the safetensors format description (Hugging Face); header at most 100 MB.
class SafetensorsFile {
 public:
  // Errors: not_found, io, empty, wrong_format (not safetensors), truncated, malformed (bad header, duplicate
  // names, shapes that do not fit their lengths, ranges that overlap or leave holes).
  static Result<SafetensorsFile> open(const std::filesystem::path& path);

  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  Status read(std::span<const std::uint8_t> bytes);

  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

// Writes atomically: wide element types first, then by name; the data starts at a multiple of 64 bytes.
// Errors: io, no_space, malformed (a shape that does not fit its data, names not in UTF-8), too_large.
Status write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                         const std::map<std::string, std::string>& metadata);

}  // namespace continuo::checkpoint
