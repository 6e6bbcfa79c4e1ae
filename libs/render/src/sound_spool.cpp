#include "sound_spool.h"

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace continuo::render {
namespace {

Error spool_error() {
  const bool is_full = errno == ENOSPC || errno == EDQUOT;
  return {is_full ? ErrorCode::no_space : ErrorCode::io,
          is_full ? "the disk for temporary files is full" : "the temporary file for sound cannot be used",
          {},
          {}};
}

}  // namespace

Result<SoundSpool> SoundSpool::create() {
  errno = 0;
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return spool_error();
  return SoundSpool(file);
}

Status SoundSpool::append(std::span<const float> samples) {
  for (const float sample : samples) peak_ = std::max(peak_, std::abs(sample));
  errno = 0;
  if (std::fwrite(samples.data(), sizeof(float), samples.size(), file_.get()) != samples.size()) return spool_error();
  return {};
}

Status SoundSpool::rewind() {
  errno = 0;
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) return spool_error();
  return {};
}

Result<std::size_t> SoundSpool::read(std::span<float> samples) {
  errno = 0;
  const std::size_t count = std::fread(samples.data(), sizeof(float), samples.size(), file_.get());
  if (std::ferror(file_.get()) != 0) return spool_error();
  return count;
}

}  // namespace continuo::render
