#include "shards/piece_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

#include "continuo/base/checksum.h"
#include "continuo/base/platform/platform.h"
#include "continuo/corpus/little_endian.h"

#include "shards/piece_codec.h"

namespace continuo::dataset {
namespace fs = std::filesystem;
namespace {

using corpus::append_number;
using corpus::take_number;

static_assert(std::endian::native == std::endian::little, "tokens are written as they lie in memory: little-endian");

constexpr std::array<std::uint8_t, 8> kMagic = {'C', 'N', 'P', 'I', 'E', 'C', 'E', 'S'};
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kFileHeadBytes = 20, kBlockHeadBytes = 36;
constexpr std::uint32_t kBlockMark = 0x4b4c4250, kLastMark = 0x444e4550;  // "PBLK", "PEND"
constexpr std::size_t kFullRecordBytes = std::size_t{1} << 18, kFullTokenBytes = std::size_t{1} << 20;
constexpr std::uint32_t kHeaderLimitBytes = std::uint32_t{256} << 20;

std::span<const std::uint8_t> bytes_of(std::span<const std::uint16_t> tokens) {
  return {reinterpret_cast<const std::uint8_t*>(tokens.data()), tokens.size_bytes()};
}

struct BlockHead {
  std::uint32_t mark = 0, next_file = 0, record_bytes = 0;
  std::uint64_t tokens = 0;
  std::uint32_t records = 0, records_crc = 0, tokens_crc = 0;

  std::vector<std::uint8_t> to_bytes() const {
    std::vector<std::uint8_t> bytes;
    for (const std::uint32_t number : {mark, next_file, record_bytes}) append_number(number, bytes);
    append_number(tokens, bytes);
    for (const std::uint32_t number : {records, records_crc, tokens_crc}) append_number(number, bytes);
    append_number(crc32c(bytes), bytes);
    return bytes;
  }

  // False when the bytes are not a block's head.
  bool parse(std::span<const std::uint8_t> bytes) {
    const std::uint32_t expected = crc32c(bytes.first(kBlockHeadBytes - 4));
    for (std::uint32_t* number : {&mark, &next_file, &record_bytes}) *number = take_number<std::uint32_t>(bytes);
    tokens = take_number<std::uint64_t>(bytes);
    for (std::uint32_t* number : {&records, &records_crc, &tokens_crc}) *number = take_number<std::uint32_t>(bytes);
    return take_number<std::uint32_t>(bytes) == expected && (mark == kBlockMark || mark == kLastMark);
  }
};

}  // namespace

Status PieceFileWriter::open(const fs::path& path, const char* mode) {
  path_ = path;
  file_.reset(std::fopen(path.c_str(), mode));
  if (!file_) return platform::error_from_errno(errno, path, "cannot be written");
  return {};
}

Status PieceFileWriter::write(std::span<const std::uint8_t> bytes) {
  if (bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return {};
  return platform::error_from_errno(errno, path_, "cannot be written");
}

Result<PieceFileWriter> PieceFileWriter::create(const fs::path& path, const nlohmann::json& header) {
  const std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const std::span<const std::uint8_t> text_bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  std::vector<std::uint8_t> head(kMagic.begin(), kMagic.end());
  for (const std::uint32_t number : {kVersion, std::uint32_t(text.size()), crc32c(text_bytes)})
    append_number(number, head);
  PieceFileWriter writer;
  CONTINUO_TRY(writer.open(path, "wb"));
  CONTINUO_TRY(writer.write(head));
  CONTINUO_TRY(writer.write(text_bytes));
  return writer;
}

Result<std::optional<PieceFileWriter>> PieceFileWriter::resume(const fs::path& path, const nlohmann::json& header) {
  auto reader = PieceFileReader::open(path, PieceFileReader::Tokens::kRead);
  if (!reader.ok() || reader->header() != header) return std::optional<PieceFileWriter>();
  PieceFileWriter writer;
  while (true) {
    const auto block = reader->next();
    if (!block.ok() || *block == nullptr) break;
    for (const PieceRecord& record : (*block)->records)
      writer.resumed_pieces_ += record.kind == PieceRecord::Kind::kPiece;
    writer.block_.next_file = (*block)->next_file;
  }
  writer.complete_ = reader->complete();
  std::error_code code;
  fs::resize_file(path, reader->offset(), code);
  if (code) return platform::error_from_errno(code.value(), path, "cannot be written");
  CONTINUO_TRY(writer.open(path, "ab"));
  return std::optional(std::move(writer));
}

void PieceFileWriter::add(std::vector<PieceRecord>&& records, std::span<const std::uint16_t> tokens,
                          const corpus::LeftOut& left_out, std::uint32_t next_file) {
  add_counts(left_out, block_.left_out);
  std::move(records.begin(), records.end(), std::back_inserter(block_.records));
  block_.tokens.insert(block_.tokens.end(), tokens.begin(), tokens.end());
  block_.next_file = next_file;
}

Status PieceFileWriter::flush_when_full() {
  constexpr std::size_t kTypicalRecordBytes = 128;
  const bool full =
      block_.tokens.size() * 2 >= kFullTokenBytes || block_.records.size() * kTypicalRecordBytes >= kFullRecordBytes;
  return full ? write_block(false) : Status();
}

Status PieceFileWriter::write_block(bool last) {
  std::vector<std::uint8_t> records;
  for (const PieceRecord& record : block_.records) append_record(record, records);
  append_left_out(block_.left_out, records);
  BlockHead head;
  head.mark = last ? kLastMark : kBlockMark;
  head.next_file = block_.next_file;
  head.record_bytes = std::uint32_t(records.size());
  head.tokens = block_.tokens.size();
  head.records = std::uint32_t(block_.records.size());
  head.records_crc = crc32c(records);
  head.tokens_crc = crc32c(bytes_of(block_.tokens));
  CONTINUO_TRY(write(head.to_bytes()));
  CONTINUO_TRY(write(records));
  CONTINUO_TRY(write(bytes_of(block_.tokens)));
  if (std::fflush(file_.get()) != 0) return platform::error_from_errno(errno, path_, "cannot be written");
  block_.records.clear();
  block_.left_out.clear();
  block_.tokens.clear();
  return {};
}

Status PieceFileWriter::finish() {
  if (complete_) return {};
  CONTINUO_TRY(write_block(true));
  if (std::fclose(file_.release()) != 0) return platform::error_from_errno(errno, path_, "cannot be written");
  return {};
}

Result<PieceFileReader> PieceFileReader::open(const fs::path& path, Tokens tokens) {
  PieceFileReader reader;
  reader.path_ = path;
  reader.tokens_ = tokens;
  reader.file_.reset(std::fopen(path.c_str(), "rb"));
  if (!reader.file_) return platform::error_from_errno(errno, path, "cannot be opened");
  std::error_code code;
  reader.size_ = fs::file_size(path, code);
  if (code) return platform::error_from_errno(code.value(), path, "cannot be read");
  CONTINUO_TRY(reader.read_header());
  return reader;
}

Error PieceFileReader::broken(std::string what) const {
  return {ErrorCode::malformed, std::move(what), "byte " + std::to_string(offset_), path_.string()};
}

Status PieceFileReader::read(std::span<std::uint8_t> bytes) {
  if (std::fread(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return {};
  if (std::ferror(file_.get())) return platform::error_from_errno(errno, path_, "cannot be read");
  return Error{ErrorCode::truncated, "ends too early", "byte " + std::to_string(size_), path_.string()};
}

Status PieceFileReader::read_header() {
  std::array<std::uint8_t, kFileHeadBytes> head{};
  const bool whole = read(head).ok();
  if (!whole || !std::equal(kMagic.begin(), kMagic.end(), head.begin()))
    return Error{ErrorCode::wrong_format, "is not a piece file", "byte 0", path_.string()};
  std::span<const std::uint8_t> rest = std::span<const std::uint8_t>(head).subspan(kMagic.size());
  const auto version = take_number<std::uint32_t>(rest);
  if (version != kVersion)
    return Error{ErrorCode::unsupported, "has format version " + std::to_string(version), "byte 8", path_.string()};
  const auto length = take_number<std::uint32_t>(rest), crc = take_number<std::uint32_t>(rest);
  if (length > kHeaderLimitBytes || length > size_) return broken("a header beyond the end");
  scratch_.resize(length);
  CONTINUO_TRY(read(scratch_));
  if (crc32c(scratch_) != crc) return broken("a damaged header");
  header_ = nlohmann::json::parse(scratch_.begin(), scratch_.end(), nullptr, false);
  if (!header_.is_object()) return broken("a header that is no object");
  offset_ = kFileHeadBytes + length;
  return {};
}

Result<PieceBlock*> PieceFileReader::next() {
  if (complete_) {
    if (offset_ != size_) return broken("bytes follow the end");
    return static_cast<PieceBlock*>(nullptr);
  }
  CONTINUO_TRY(read_block());
  return &block_;
}

Status PieceFileReader::read_block() {
  std::array<std::uint8_t, kBlockHeadBytes> bytes{};
  CONTINUO_TRY(read(bytes));
  BlockHead head;
  if (!head.parse(bytes)) return broken("a damaged block");
  const std::uint64_t left = size_ - offset_ - kBlockHeadBytes;
  if (head.tokens > left / 2 || head.record_bytes > left - 2 * head.tokens) {
    return Error{ErrorCode::truncated, "ends too early", "byte " + std::to_string(size_), path_.string()};
  }
  scratch_.resize(head.record_bytes);
  CONTINUO_TRY(read(scratch_));
  if (crc32c(scratch_) != head.records_crc) return broken("damaged records");
  block_.next_file = head.next_file;
  block_.records.clear();
  std::uint64_t tokens = 0;
  std::span<const std::uint8_t> rest(scratch_);
  for (std::uint32_t i = 0; i < head.records; ++i) {
    auto record = take_record(rest);
    if (!record.ok()) return broken(record.error().what);
    tokens += record->token_count();
    block_.records.push_back(*std::move(record));
  }
  auto left_out = take_left_out(rest);
  if (!left_out.ok()) return broken(left_out.error().what);
  block_.left_out = *std::move(left_out);
  if (tokens != head.tokens) return broken("records that do not fit their block");
  block_.tokens.clear();
  if (tokens_ == Tokens::kSkip) {
    if (std::fseek(file_.get(), long(2 * head.tokens), SEEK_CUR) != 0)
      return platform::error_from_errno(errno, path_, "cannot be read");
  } else {
    block_.tokens.resize(head.tokens);
    CONTINUO_TRY(read({reinterpret_cast<std::uint8_t*>(block_.tokens.data()), 2 * block_.tokens.size()}));
    if (crc32c(bytes_of(block_.tokens)) != head.tokens_crc) return broken("damaged tokens");
  }
  offset_ += kBlockHeadBytes + head.record_bytes + 2 * head.tokens;
  complete_ = head.mark == kLastMark;
  return {};
}

}  // namespace continuo::dataset
