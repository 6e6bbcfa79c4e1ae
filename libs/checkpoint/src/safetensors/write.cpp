#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/checkpoint/safetensors.h"

namespace continuo::checkpoint {
namespace {

using nlohmann::json;
using Entry = std::pair<const std::string, TensorView>;

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;

// Wide elements first, so that every tensor starts at a multiple of its element's size; then by name.
std::vector<const Entry*> file_order(const std::map<std::string, TensorView>& tensors) {
  std::vector<const Entry*> order;
  for (const Entry& entry : tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](const Entry* a, const Entry* b) { return size_of(a->second.dtype) > size_of(b->second.dtype); });
  return order;
}

Status check(const std::string& name, const TensorView& view) {
  const bool reserved = name == "__metadata__";
  const bool negative = std::any_of(view.shape.begin(), view.shape.end(), [](std::int64_t n) { return n < 0; });
  const auto elements = static_cast<std::uint64_t>(view.elements());
  if (!reserved && !negative && elements * size_of(view.dtype) == view.data.size()) return {};
  return Error{ErrorCode::malformed,
               reserved ? "reserved tensor name" : "tensor's shape does not fit its length",
               "tensor '" + name + "'",
               {}};
}

Result<std::string> make_header(const std::vector<const Entry*>& order,
                                const std::map<std::string, std::string>& metadata) {
  // ordered_json: tensors are listed in the order of their data.
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const Entry* entry : order) {
    const auto& [name, view] = *entry;
    CONTINUO_TRY(check(name, view));
    const std::uint64_t end = offset + view.data.size();
    header[name] = {{"dtype", to_string(view.dtype)}, {"shape", view.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    return Error{ErrorCode::malformed, "a tensor's name or the metadata is not UTF-8"};
  }
  text.resize((kLengthBytes + text.size() + kAlignment - 1) / kAlignment * kAlignment - kLengthBytes, ' ');
  if (text.size() > kMaxHeaderBytes) return Error{ErrorCode::too_large, "the header exceeds 100 MB"};
  return text;
}

Status write_blocks(const std::filesystem::path& path, const std::string& header,
                    const std::vector<const Entry*>& order) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return platform::error_from_errno(errno, path, "cannot be written");
  const auto put = [&](const void* data, std::size_t bytes) {
    return bytes == 0 || std::fwrite(data, 1, bytes, file) == bytes;
  };
  std::uint8_t length[kLengthBytes];
  for (std::size_t i = 0; i < kLengthBytes; ++i) length[i] = static_cast<std::uint8_t>(header.size() >> (8 * i));
  bool written = put(length, kLengthBytes) && put(header.data(), header.size());
  for (const Entry* entry : order) written = written && put(entry->second.data.data(), entry->second.data.size());
  Status status;
  if (!written) status = platform::error_from_errno(errno, path, "cannot be written");
  if (std::fclose(file) != 0 && status.ok()) status = platform::error_from_errno(errno, path, "cannot be written");
  return status;
}

}  // namespace

Status write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                         const std::map<std::string, std::string>& metadata) {
  const auto order = file_order(tensors);
  auto header = make_header(order, metadata);
  if (!header.ok()) return std::move(header).error().in_file(path.string());
  AtomicFile file(path);
  const Status written = write_blocks(file.temporary_path(), *header, order);
  if (!written.ok()) {
    Error error = written.error();
    error.path = path.string();
    return error;
  }
  const Status committed = file.commit();
  if (!committed.ok()) return committed.error().in_file(path.string());
  return {};
}

}  // namespace continuo::checkpoint
