#include "layouts/layouts.h"

#include <algorithm>
#include <array>
#include <string>

#include "continuo/notation/notation.h"

#include "layouts/recognise.h"

namespace continuo::corpus {
namespace {

Result<std::vector<score::Score>> read_music_file(const Source& source, const SourceEntry& entry, LeftOut& left_out) {
  notation::Diagnostics diagnostics;
  auto scores = notation::read_scores(source.folder / entry.file(), &diagnostics);
  for (const auto& [things, count] : diagnostics.left_out()) left_out[things] += count;
  return scores;
}

// The first that recognises a folder is it, so a layout that asks for more comes before one that asks for less.
constexpr std::array<Layout, 10> kLayouts = {{
    {"maestro", "CC BY-NC-SA 4.0", recognise_maestro, read_music_file},
    {"groove", "CC BY 4.0", recognise_groove, read_music_file},
    {"jsb", "the music is in the public domain; the files have no licence", recognise_jsb, read_jsb},
    {"pop909", "MIT for the arrangements; the songs are commercial", recognise_pop909, read_music_file},
    {"nottingham", "GPL-3", recognise_nottingham, read_music_file},
    {"openewld", "MIT; the scores are in the public domain", recognise_openewld, read_music_file},
    {"lakh", "CC BY 4.0 for the collection; the rights of the files are not cleared", recognise_lakh, read_music_file},
    {"aria-midi", "CC BY-NC-SA 4.0", recognise_aria_midi, read_music_file},
    {"gigamidi", "CC BY-NC 4.0", recognise_gigamidi, read_music_file},
    {"nsynth", "CC BY 4.0", refuse_nsynth, read_music_file},
}};

constexpr Layout kPlain = {"folder", "unknown", [](Source&) -> Result<bool> { return true; }, read_music_file};

}  // namespace

Status apply_layout(Source& source) {
  for (const Layout& layout : kLayouts) {
    CONTINUO_ASSIGN(const bool recognised, layout.recognise(source));
    if (!recognised) continue;
    source.layout = layout.name;
    source.licence = layout.licence;
    return {};
  }
  return {};
}

const Layout& find_layout(std::string_view name) {
  const auto* found =
      std::find_if(kLayouts.begin(), kLayouts.end(), [&](const Layout& row) { return row.name == name; });
  return found == kLayouts.end() ? kPlain : *found;
}

}  // namespace continuo::corpus
