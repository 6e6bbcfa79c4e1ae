#include "shards/token_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "continuo/base/platform/platform.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

static_assert(std::endian::native == std::endian::little, "token files are mapped as they are: little-endian");

constexpr std::array<std::uint8_t, 8> kMagic = {'C', 'N', 'T', 'O', 'K', 'E', 'N', 'S'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

struct Header {
  std::array<std::uint8_t, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t vocabulary_size = 0;
  std::uint64_t pieces = 0, tokens = 0;
  std::uint64_t tokens_offset = 0, index_offset = 0, names_offset = 0, file_bytes = 0;

  // Requires: pieces and tokens small enough not to wrap around.
  void lay_out(std::uint64_t names_bytes) {
    tokens_offset = kTokenFileHeaderBytes;
    index_offset = (tokens_offset + 2 * tokens + 7) / 8 * 8;
    names_offset = index_offset + 8 * (pieces + 1);
    file_bytes = names_offset + names_bytes;
  }
};
static_assert(sizeof(Header) == kTokenFileHeaderBytes);

template <typename T>
std::span<const std::uint8_t> bytes_of(const T& values) {
  const auto view = std::as_bytes(std::span(values));
  return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

void append_u32(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes.push_back(std::uint8_t(value >> (8 * i)));
}

// Takes an open token file apart, checking each number before using it.
class TokenFileReader {
 public:
  TokenFileReader(std::shared_ptr<const MappedFile> file) : bytes_(file->bytes()) { result_.file = std::move(file); }

  Result<TokenFile> read(bool check_tokens) {
    CONTINUO_TRY(read_header());
    CONTINUO_TRY(read_index());
    CONTINUO_TRY(read_names());
    if (check_tokens) CONTINUO_TRY(check_pieces());
    return std::move(result_);
  }

 private:
  static Error malformed(std::string what, std::uint64_t offset) {
    return {ErrorCode::malformed, std::move(what), "byte " + std::to_string(offset), {}};
  }

  Status read_header() {
    const bool has_magic = bytes_.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), bytes_.begin());
    if (!has_magic) return Error{ErrorCode::wrong_format, "is not a token file", "byte 0", {}};
    if (bytes_.size() < kTokenFileHeaderBytes) return truncated();
    std::memcpy(&header_, bytes_.data(), sizeof header_);
    if (header_.version != kVersion) {
      return Error{ErrorCode::unsupported, "has format version " + std::to_string(header_.version), "byte 8", {}};
    }
    if (header_.vocabulary_size < 1 || header_.vocabulary_size > kLargestVocabulary)
      return malformed("an impossible vocabulary size", 12);
    if (header_.file_bytes > bytes_.size()) return truncated();
    if (header_.file_bytes < bytes_.size()) return malformed("bytes follow the end", header_.file_bytes);
    if (header_.pieces > bytes_.size() / 8) return malformed("more pieces than bytes", 16);
    if (header_.tokens > bytes_.size() / 2) return malformed("more tokens than bytes", 24);
    Header expected = header_;
    expected.lay_out(0);
    const bool laid_out = expected.tokens_offset == header_.tokens_offset &&
                          expected.index_offset == header_.index_offset &&
                          expected.names_offset == header_.names_offset && expected.file_bytes <= header_.file_bytes;
    if (!laid_out) return malformed("offsets that do not fit the counts", 32);
    result_.vocabulary_size = header_.vocabulary_size;
    result_.tokens = header_.tokens;
    return {};
  }

  Status read_index() {
    std::vector<std::uint64_t> index(header_.pieces + 1);
    std::memcpy(index.data(), bytes_.data() + header_.index_offset, index.size() * 8);
    if (index.front() != 0 || index.back() != header_.tokens)
      return malformed("an index that does not span the tokens", header_.index_offset);
    const auto* tokens = reinterpret_cast<const std::uint16_t*>(bytes_.data() + header_.tokens_offset);
    result_.pieces.reserve(header_.pieces);
    for (std::size_t piece = 0; piece < header_.pieces; ++piece) {
      const bool rises = index[piece + 1] >= index[piece] && index[piece + 1] - index[piece] >= 2;
      if (!rises || index[piece + 1] > header_.tokens)
        return malformed("an index that does not rise", header_.index_offset + 8 * (piece + 1));
      result_.pieces.emplace_back(tokens + index[piece], std::size_t(index[piece + 1] - index[piece]));
    }
    return {};
  }

  Status read_names() {
    std::uint64_t offset = header_.names_offset;
    const auto left = [&] { return bytes_.size() - offset; };
    for (std::size_t piece = 0; piece < header_.pieces; ++piece) {
      std::array<std::uint32_t, 2> numbers{};
      if (left() < sizeof numbers) return malformed("a name beyond the end", offset);
      std::memcpy(numbers.data(), bytes_.data() + offset, sizeof numbers);
      const auto [file_index, length] = numbers;
      if (left() - sizeof numbers < length) return malformed("a name beyond the end", offset);
      if (piece > 0 && file_index < result_.file_indices.back()) return malformed("pieces out of order", offset);
      offset += sizeof numbers;
      result_.names.emplace_back(reinterpret_cast<const char*>(bytes_.data() + offset), length);
      result_.file_indices.push_back(file_index);
      offset += length;
    }
    if (left() != 0) return malformed("bytes follow the names", offset);
    return {};
  }

  Status check_pieces() const {
    for (const auto piece : result_.pieces) {
      const auto at = [&](std::size_t i) {
        return std::uint64_t(reinterpret_cast<const std::uint8_t*>(piece.data() + i) - bytes_.data());
      };
      std::uint16_t largest = 0;
      for (const std::uint16_t token : piece) largest = std::max(largest, token);
      if (largest >= header_.vocabulary_size)
        return malformed("a token outside the vocabulary",
                         at(std::size_t(std::max_element(piece.begin(), piece.end()) - piece.begin())));
      if (piece.front() != tokens::kBos) return malformed("a piece without BOS", at(0));
      if (piece.back() != tokens::kEos) return malformed("a piece without EOS", at(piece.size() - 1));
    }
    return {};
  }

  Error truncated() const {
    return {ErrorCode::truncated, "ends too early", "byte " + std::to_string(bytes_.size()), {}};
  }

  std::span<const std::uint8_t> bytes_;
  Header header_;
  TokenFile result_;
};

}  // namespace

Result<TokenFileWriter> TokenFileWriter::create(std::filesystem::path path, int vocabulary_size) {
  TokenFileWriter writer;
  writer.path_ = std::move(path);
  writer.vocabulary_size_ = std::uint32_t(vocabulary_size);
  CONTINUO_ASSIGN(writer.file_, writer.open(writer.path_));
  CONTINUO_ASSIGN(writer.index_, writer.open(writer.index_path()));
  CONTINUO_ASSIGN(writer.names_, writer.open(writer.names_path()));
  CONTINUO_TRY(writer.write(writer.file_, std::array<std::uint8_t, kTokenFileHeaderBytes>{}));
  CONTINUO_TRY(writer.write(writer.index_, bytes_of(std::array{writer.tokens_})));
  return writer;
}

Result<TokenFileWriter::File> TokenFileWriter::open(const std::filesystem::path& path) const {
  File file(std::fopen(path.c_str(), "w+b"));
  if (!file) return platform::error_from_errno(errno, path, "cannot be written");
  std::setvbuf(file.get(), nullptr, _IOFBF, kBufferBytes);
  return file;
}

Status TokenFileWriter::write(File& file, std::span<const std::uint8_t> bytes) const {
  if (bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size()) return {};
  return platform::error_from_errno(errno, path_, "cannot be written");
}

Status TokenFileWriter::add(std::uint32_t file_index, const std::string& name, std::span<const std::uint16_t> tokens) {
  std::vector<std::uint8_t> entry;
  append_u32(entry, file_index);
  append_u32(entry, std::uint32_t(name.size()));
  entry.insert(entry.end(), name.begin(), name.end());
  tokens_ += tokens.size();
  names_bytes_ += entry.size();
  ++pieces_;
  CONTINUO_TRY(write(file_, bytes_of(tokens)));
  CONTINUO_TRY(write(index_, bytes_of(std::array{tokens_})));
  return write(names_, entry);
}

Status TokenFileWriter::take_in(File& waiting, const std::filesystem::path& path) {
  std::rewind(waiting.get());
  std::vector<std::uint8_t> buffer(std::size_t{1} << 16);
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), waiting.get()))
    CONTINUO_TRY(write(file_, std::span(buffer).first(count)));
  if (std::ferror(waiting.get())) return platform::error_from_errno(errno, path, "cannot be read");
  waiting.reset();
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return {};
}

Status TokenFileWriter::finish() {
  Header header;
  header.vocabulary_size = vocabulary_size_;
  header.pieces = pieces_;
  header.tokens = tokens_;
  header.lay_out(names_bytes_);
  const std::uint64_t padding = header.index_offset - header.tokens_offset - 2 * header.tokens;
  CONTINUO_TRY(write(file_, std::vector<std::uint8_t>(padding)));
  CONTINUO_TRY(take_in(index_, index_path()));
  CONTINUO_TRY(take_in(names_, names_path()));
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) return platform::error_from_errno(errno, path_, "cannot be written");
  CONTINUO_TRY(write(file_, bytes_of(std::array{header})));
  if (std::fclose(file_.release()) != 0) return platform::error_from_errno(errno, path_, "cannot be written");
  return {};
}

Result<TokenFile> read_token_file(const std::filesystem::path& path, bool check_tokens) {
  CONTINUO_ASSIGN(auto file, MappedFile::open(path));
  auto result = TokenFileReader(std::move(file)).read(check_tokens);
  if (!result.ok()) return result.error().in_file(path.string());
  return result;
}

}  // namespace continuo::dataset
