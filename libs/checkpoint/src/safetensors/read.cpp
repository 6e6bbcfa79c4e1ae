#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "continuo/checkpoint/safetensors.h"
#include "continuo/json/strict_parse.h"

namespace continuo::checkpoint {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr json::JsonLimits kHeaderLimits = {3, 1'000'000};
constexpr std::string_view kMetadataKey = "__metadata__";

struct DTypeName {
  DType type;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<DTypeName, 15> kDTypes = {{{DType::kF32, "F32", 4},
                                                {DType::kBF16, "BF16", 2},
                                                {DType::kF16, "F16", 2},
                                                {DType::kI8, "I8", 1},
                                                {DType::kI64, "I64", 8},
                                                {DType::kU8, "U8", 1},
                                                {DType::kF64, "F64", 8},
                                                {DType::kI32, "I32", 4},
                                                {DType::kI16, "I16", 2},
                                                {DType::kU64, "U64", 8},
                                                {DType::kU32, "U32", 4},
                                                {DType::kU16, "U16", 2},
                                                {DType::kBool, "BOOL", 1},
                                                {DType::kF8E4M3, "F8_E4M3", 1},
                                                {DType::kF8E5M2, "F8_E5M2", 1}}};

const DTypeName& entry_of(DType type) {
  return *std::find_if(kDTypes.begin(), kDTypes.end(), [&](const DTypeName& entry) { return entry.type == type; });
}

Error broken_tensor(const std::string& name, std::string_view problem) {
  return Error{ErrorCode::malformed, "tensor " + std::string(problem), "tensor '" + name.substr(0, 120) + "'", {}};
}

// A JSON number that is a count: not negative, no fraction, within int64.
std::optional<std::uint64_t> as_count(const Json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto count = value.get<std::uint64_t>();
  if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return count;
}

// The bytes that a tensor of this shape takes. Empty when the product leaves int64.
std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, std::size_t element_bytes) {
  std::int64_t total = static_cast<std::int64_t>(element_bytes);
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(total, extent, &total)) return std::nullopt;
  }
  return static_cast<std::uint64_t>(total);
}

struct Range {
  std::uint64_t begin;
  std::uint64_t end;
  const std::string* name;
};

Result<Range> read_range(const std::string& name, const Json& entry, std::uint64_t data_bytes) {
  const auto offsets = entry.find("data_offsets");
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2) {
    return broken_tensor(name, "without a pair of data_offsets");
  }
  const auto begin = as_count((*offsets)[0]);
  const auto end = as_count((*offsets)[1]);
  if (!begin || !end || *begin > *end) return broken_tensor(name, "with impossible data_offsets");
  if (*end > data_bytes) {
    return Error{
        ErrorCode::truncated, "tensor reaches beyond the end of the file", "tensor '" + name.substr(0, 120) + "'", {}};
  }
  return Range{*begin, *end, &name};
}

// Everything of a tensor but its data.
Result<TensorView> read_description(const std::string& name, const Json& entry) {
  const auto type = entry.find("dtype");
  const auto shape = entry.find("shape");
  if (type == entry.end() || !type->is_string()) return broken_tensor(name, "without a dtype");
  if (shape == entry.end() || !shape->is_array()) return broken_tensor(name, "without a shape");
  const auto& type_name = type->get_ref<const std::string&>();
  const auto* known =
      std::find_if(kDTypes.begin(), kDTypes.end(), [&](const DTypeName& d) { return d.name == type_name; });
  if (known == kDTypes.end()) return broken_tensor(name, "of an unknown dtype");
  TensorView view;
  view.dtype = known->type;
  for (const Json& extent : *shape) {
    const auto count = as_count(extent);
    if (!count) return broken_tensor(name, "with an impossible shape");
    view.shape.push_back(static_cast<std::int64_t>(*count));
  }
  return view;
}

Result<TensorView> read_tensor(const std::string& name, const Json& entry, std::span<const std::uint8_t> data,
                               std::vector<Range>& ranges) {
  if (!entry.is_object() || entry.size() != 3) return broken_tensor(name, "not described by three fields");
  CONTINUO_ASSIGN(TensorView view, read_description(name, entry));
  CONTINUO_ASSIGN(const Range range, read_range(name, entry, data.size()));
  const auto bytes = byte_count(view.shape, size_of(view.dtype));
  if (!bytes || *bytes != range.end - range.begin) {
    return broken_tensor(name, "whose shape does not fit its length");
  }
  view.data = data.subspan(range.begin, range.end - range.begin);
  ranges.push_back(range);
  return view;
}

// The tensors must cover the data without a hole or an overlap, as the format demands.
Status check_cover(std::vector<Range>& ranges, std::uint64_t data_bytes) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  std::uint64_t covered = 0;
  for (const Range& range : ranges) {
    if (range.begin < covered) return broken_tensor(*range.name, "overlapping another one");
    if (range.begin > covered) return broken_tensor(*range.name, "after a hole in the data");
    covered = range.end;
  }
  if (covered == data_bytes) return {};
  return Error{
      ErrorCode::malformed, "bytes after the last tensor", "byte " + std::to_string(covered) + " of the data", {}};
}

Status read_metadata(const Json& entry, std::map<std::string, std::string>& metadata) {
  if (!entry.is_object()) return Error{ErrorCode::malformed, "metadata is not a JSON object"};
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) return Error{ErrorCode::malformed, "metadata is not all strings"};
    metadata.emplace(key, value.get<std::string>());
  }
  return {};
}

// The JSON text, after looking at what precedes it. Shape of the file: length, header, data.
Result<std::string_view> find_header(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return Error{ErrorCode::empty, "the file is empty"};
  if (bytes.size() <= kLengthBytes || bytes[kLengthBytes] != '{') {
    return Error{ErrorCode::wrong_format, "not a safetensors file"};
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) length |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  if (length > kMaxHeaderBytes) return Error{ErrorCode::wrong_format, "not a safetensors file (header too long)"};
  if (length > bytes.size() - kLengthBytes) return Error{ErrorCode::truncated, "the file ends within its header"};
  return std::string_view(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
}

}  // namespace

std::size_t size_of(DType type) { return entry_of(type).bytes; }
std::string_view to_string(DType type) { return entry_of(type).name; }

std::int64_t TensorView::elements() const {
  std::int64_t total = 1;
  for (const std::int64_t extent : shape) total *= extent;
  return total;
}

Status SafetensorsFile::read(std::span<const std::uint8_t> bytes) {
  CONTINUO_ASSIGN(const std::string_view text, find_header(bytes));
  CONTINUO_ASSIGN(const Json header, json::parse_json_strictly(text, kHeaderLimits, kLengthBytes));
  if (!header.is_object()) return Error{ErrorCode::wrong_format, "not a safetensors file"};
  const auto data = bytes.subspan(kLengthBytes + text.size());
  std::vector<Range> ranges;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      CONTINUO_TRY(read_metadata(entry, metadata_));
      continue;
    }
    CONTINUO_ASSIGN(TensorView view, read_tensor(name, entry, data, ranges));
    // The range keeps a pointer to the map's key, which outlives the temporary that items() hands out.
    ranges.back().name = &tensors_.emplace(name, std::move(view)).first->first;
  }
  return check_cover(ranges, data.size());
}

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
  auto mapped = MappedFile::open(path);
  if (!mapped.ok()) return std::move(mapped).error().in_file(path.string());
  SafetensorsFile file;
  file.file_ = std::move(mapped).value();
  const Status status = file.read(file.file_->bytes());
  if (!status.ok()) return status.error().in_file(path.string());
  return file;
}

}  // namespace continuo::checkpoint
