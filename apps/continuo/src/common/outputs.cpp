#include "outputs.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/render/audio.h"

namespace continuo::app {
namespace {

constexpr std::array<std::string_view, 3> kRendered = {".wav", ".png", ".svg"};

// Of all that a Score holds, what neither a SoundFont nor its player knows.
void note_lost_releases(const score::Score& score, notation::Diagnostics& diagnostics) {
  std::size_t count = 0;
  for (const score::Track& track : score.tracks)
    count += static_cast<std::size_t>(std::ranges::count_if(track.notes, &score::Note::has_release_velocity));
  diagnostics.add_left_out(count, "release velocity", "release velocities", "sound is made without them");
}

}  // namespace

std::span<const std::string_view> rendered_extensions() { return kRendered; }

std::span<const std::string_view> output_extensions() {
  static const std::vector<std::string_view> all = [] {
    const auto written = notation::writable_extensions();
    std::vector<std::string_view> extensions(written.begin(), written.end());
    extensions.insert(extensions.end(), kRendered.begin(), kRendered.end());
    return extensions;
  }();
  return all;
}

Status check_extension(const std::filesystem::path& path, std::span<const std::string_view> known) {
  const auto extension = path.extension().string();
  if (std::find(known.begin(), known.end(), extension) != known.end()) return {};
  const std::string what = extension.empty() ? "a file without an extension" : extension;
  return Error{
      ErrorCode::unsupported, "cannot write " + what + " (known: " + notation::listed(known) + ")", {}, path.string()};
}

Status write_any(const score::Score& score, const std::filesystem::path& path, const OutputStyle& style) {
  notation::Diagnostics diagnostics;
  return write_any({.score = score, .side_tracks = {}}, path, style, diagnostics);
}

Status write_any(const notation::Piece& piece, const std::filesystem::path& path, const OutputStyle& style,
                 notation::Diagnostics& diagnostics) {
  CONTINUO_TRY(check_extension(path, output_extensions()));
  const auto extension = path.extension().string();
  if (extension == ".wav") {
    note_lost_side_events(piece, "sound holds none", diagnostics);
    note_lost_releases(piece.score, diagnostics);
    render::AudioOptions options;
    CONTINUO_ASSIGN(auto voices, style.voices.for_piece(piece.score));
    options.voices = std::move(voices.voices);
    return render::write_audio(piece.score, path, options);
  }
  if (extension == ".png" || extension == ".svg") {
    note_lost_side_events(piece, "a picture holds none", diagnostics);
    return render::write_piano_roll(piece.score, path, style.picture);
  }
  return notation::write_piece(piece, path, diagnostics);
}

Status write_to_stdout(const score::Score& score, std::string_view extension) {
  notation::Diagnostics diagnostics;
  return write_to_stdout({.score = score, .side_tracks = {}}, extension, {}, diagnostics);
}

// Sound and pictures are written by libraries that ask for the name of a file.
Status write_to_stdout(const notation::Piece& piece, std::string_view extension, const OutputStyle& style,
                       notation::Diagnostics& diagnostics) {
  AtomicFile file(std::filesystem::temp_directory_path() / ("continuo" + std::string(extension)));
  CONTINUO_TRY(write_any(piece, file.temporary_path(), style, diagnostics));
  CONTINUO_ASSIGN(const auto bytes, read_file(file.temporary_path()));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0;
  return written ? Status() : Error{ErrorCode::io, "cannot be written", {}, "standard output"};
}

}  // namespace continuo::app
