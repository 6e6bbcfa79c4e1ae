#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/notation/notation.h"
#include "continuo/render/piano_roll.h"
#include "continuo/score/score.h"

#include "../voices/voice_option.h"

namespace continuo::app {

// Extensions that write_any knows: notation, then sound and pictures.
std::span<const std::string_view> output_extensions();
std::span<const std::string_view> rendered_extensions();  // sound and pictures only

// Errors: unsupported, naming the `known` extensions that the path could have.
Status check_extension(const std::filesystem::path& path, std::span<const std::string_view> known);

// How sound and pictures are made.
struct OutputStyle {
  render::PianoRollOptions picture = {};
  Voices voices = {};
};

// Writes the score in the form that the extension asks for: notation (.mid), sound (.wav) or picture (.png,
// .svg). Errors: unsupported (extension), and those of the writer; they carry the path.
Status write_any(const score::Score& score, const std::filesystem::path& path, const OutputStyle& style = {});
// The same with the events that travel beside the score. What the form cannot hold is noted.
Status write_any(const notation::Piece& piece, const std::filesystem::path& path, const OutputStyle& style,
                 notation::Diagnostics& diagnostics);

// Whether a command's output is standard output: "-".
inline bool is_stdout(const std::filesystem::path& path) { return path == "-"; }
// Writes the piece there, in the form of `extension` (".mid"). Errors: io, and those of write_any.
Status write_to_stdout(const score::Score& score, std::string_view extension = ".mid");
Status write_to_stdout(const notation::Piece& piece, std::string_view extension, const OutputStyle& style,
                       notation::Diagnostics& diagnostics);

}  // namespace continuo::app
