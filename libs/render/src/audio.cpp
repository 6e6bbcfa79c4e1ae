#include "continuo/render/audio.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <memory>

#include <sndfile.h>

#include "continuo/base/file.h"

#include "mixer.h"
#include "sound_spool.h"

namespace continuo::render {
namespace fs = std::filesystem;
namespace {

constexpr double kMaxSeconds = 6 * 3600;  // a WAV file ends at 4 GiB
constexpr std::size_t kBlockFrames = 4096;

struct SoundFileCloser {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

Error write_error(const fs::path& path) {
  const bool is_full = errno == ENOSPC || errno == EDQUOT;
  return {is_full ? ErrorCode::no_space : ErrorCode::io,
          is_full ? "the disk is full" : "cannot be written",
          {},
          path.string()};
}

Status check(const score::Score& score, const fs::path& path, const AudioOptions& options) {
  if (path.extension() != ".wav")
    return Error{ErrorCode::unsupported, "audio is written as .wav only", {}, path.string()};
  if (score.note_count() == 0) return Error{ErrorCode::no_notes, "there are no notes to play", {}, path.string()};
  if (options.sample_rate_hz < 8000 || options.sample_rate_hz > 96000) {
    return Error{ErrorCode::invalid_argument, "the sample rate must be from 8000 to 96000 Hz", {}, {}};
  }
  const double gain_db = options.gain_db.value_or(0);
  if (!(gain_db >= -60 && gain_db <= 24) || !(options.tail_sec >= 0 && options.tail_sec <= 60)) {
    return Error{
        ErrorCode::invalid_argument, "gain must be from -60 to 24 dB and the tail from 0 to 60 seconds", {}, {}};
  }
  if (!(score.duration().value + options.tail_sec <= kMaxSeconds)) {
    return Error{ErrorCode::too_large, "the music is longer than six hours", {}, path.string()};
  }
  return check_writable(path);
}

Status play(Mixer& mixer, std::int64_t total, SoundSpool& spool) {
  std::array<float, 2 * kBlockFrames> block;
  for (std::int64_t at = 0; at < total;) {
    const auto frames = static_cast<std::size_t>(std::min<std::int64_t>(total - at, kBlockFrames));
    const auto samples = std::span(block).first(2 * frames);
    CONTINUO_TRY(mixer.render(samples));
    CONTINUO_TRY(spool.append(samples));
    at += static_cast<std::int64_t>(frames);
  }
  return spool.rewind();
}

// What samples are multiplied with. Silence stays silence.
float factor(const AudioOptions& options, float peak) {
  const auto from_db = [](double db) { return std::pow(10.0, db / 20); };
  if (options.gain_db) return static_cast<float>(from_db(*options.gain_db));
  constexpr float kInaudible = 1e-6F;
  return peak > kInaudible ? static_cast<float>(from_db(kNormalPeakDbfs) / peak) : 1.0F;
}

Status write_samples(SoundSpool& spool, float gain, SNDFILE* file, const fs::path& path) {
  std::array<float, 2 * kBlockFrames> block;
  std::array<std::int16_t, 2 * kBlockFrames> rounded;
  while (true) {
    CONTINUO_ASSIGN(const std::size_t count, spool.read(block));
    if (count == 0) return {};
    std::transform(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count), rounded.begin(), [gain](float v) {
      return static_cast<std::int16_t>(std::lrint(std::clamp(gain * v, -1.0F, 1.0F) * 32767.0F));
    });
    const auto frames = static_cast<sf_count_t>(count / 2);
    errno = 0;
    if (sf_writef_short(file, rounded.data(), frames) != frames) return write_error(path);
  }
}

}  // namespace

Status write_audio(const score::Score& score, const fs::path& path, const AudioOptions& options) {
  CONTINUO_TRY(check(score, path, options));
  CONTINUO_ASSIGN(Mixer mixer, Mixer::create(score, options));
  CONTINUO_ASSIGN(SoundSpool spool, SoundSpool::create());
  AtomicFile output(path);
  SF_INFO info{};
  info.samplerate = options.sample_rate_hz;
  info.channels = 2;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  errno = 0;
  std::unique_ptr<SNDFILE, SoundFileCloser> file(sf_open(output.temporary_path().c_str(), SFM_WRITE, &info));
  if (!file) return write_error(path);
  const double seconds = score.duration().value + options.tail_sec;
  const auto total = static_cast<std::int64_t>(std::ceil(seconds * options.sample_rate_hz));
  CONTINUO_TRY(play(mixer, total, spool));
  CONTINUO_TRY(write_samples(spool, factor(options, spool.peak()), file.get(), path));
  errno = 0;
  if (sf_close(file.release()) != 0) return write_error(path);
  return output.commit();
}

}  // namespace continuo::render
