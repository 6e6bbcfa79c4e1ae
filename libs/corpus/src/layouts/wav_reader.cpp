#include "layouts/wav_reader.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "continuo/base/file.h"
#include "continuo/corpus/little_endian.h"

namespace continuo::corpus {
namespace {

constexpr std::uint64_t kLimitBytes = std::uint64_t{256} << 20;
constexpr std::size_t kFormatBytes = 16;

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<WavSound> read_wav(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const auto file, read_file(path, kLimitBytes));
  const auto fault = [&](ErrorCode code, const char* what) { return Error{code, what, {}, path.string()}; };
  std::span<const std::uint8_t> rest(file);
  const bool is_wave = rest.size() >= 12 && text_of(rest.first(4)) == "RIFF" && text_of(rest.subspan(8, 4)) == "WAVE";
  if (!is_wave) return fault(ErrorCode::wrong_format, "is not a wav file");
  rest = rest.subspan(12);
  WavSound sound;
  while (rest.size() >= 8) {
    const std::string_view kind = text_of(rest.first(4));
    rest = rest.subspan(4);
    const auto size = take_number<std::uint32_t>(rest);
    if (size > rest.size()) return fault(ErrorCode::truncated, "ends within a chunk");
    std::span<const std::uint8_t> chunk = rest.first(size);
    if (kind == "fmt " && size >= kFormatBytes) {
      const auto format = take_number<std::uint16_t>(chunk), channels = take_number<std::uint16_t>(chunk);
      sound.sample_rate = int(take_number<std::uint32_t>(chunk));
      chunk = chunk.subspan(6);
      if (format != 1 || channels != 1 || take_number<std::uint16_t>(chunk) != 16)
        return fault(ErrorCode::unsupported, "is not 16-bit PCM of one channel");
    } else if (kind == "data") {
      if (sound.sample_rate == 0) return fault(ErrorCode::wrong_format, "has sound before its format");
      sound.samples.reserve(size / 2);
      while (chunk.size() >= 2) sound.samples.push_back(float(take_number<std::int16_t>(chunk)) / 32768.0F);
      return sound;
    }
    rest = rest.subspan(std::min<std::size_t>(rest.size(), size + size % 2));
  }
  return fault(ErrorCode::truncated, "ends before its sound");
}

}  // namespace continuo::corpus
