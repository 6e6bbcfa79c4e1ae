#include "continuo/corpus/catalogue.h"

#include <algorithm>
#include <array>

namespace continuo::corpus {
namespace {

// Checksums are those that the authors publish; where none is known the one found is shown after a download.
constexpr std::array<CatalogueFile, 1> kMaestro = {
    {{"https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0-midi.zip",
      "70470ee253295c8d2c71e6d9d4a815189e35c89624b76d22fce5a019d5dde12c"}}};
constexpr std::array<CatalogueFile, 1> kGroove = {
    {{"https://storage.googleapis.com/magentadata/datasets/groove/groove-v1.0.0-midionly.zip",
      "651cbc524ffb891be1a3e46d89dc82a1cecb09a57c748c7b45b844c4841dcc1e"}}};
constexpr std::array<CatalogueFile, 3> kNsynth = {
    {{"http://download.magenta.tensorflow.org/datasets/nsynth/nsynth-test.jsonwav.tar.gz", ""},
     {"http://download.magenta.tensorflow.org/datasets/nsynth/nsynth-valid.jsonwav.tar.gz", ""},
     {"http://download.magenta.tensorflow.org/datasets/nsynth/nsynth-train.jsonwav.tar.gz", ""}}};
constexpr std::array<CatalogueFile, 1> kJsb = {
    {{"https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/master/Jsb16thSeparated.json", ""}}};
constexpr std::array<CatalogueFile, 1> kPop909 = {
    {{"https://github.com/music-x-lab/POP909-Dataset/archive/refs/heads/master.zip", ""}}};
constexpr std::array<CatalogueFile, 1> kNottingham = {
    {{"https://github.com/jukedeck/nottingham-dataset/archive/refs/heads/master.zip", ""}}};
constexpr std::array<CatalogueFile, 1> kOpenEwld = {
    {{"https://github.com/00sapo/OpenEWLD/archive/refs/heads/master.zip", ""}}};
constexpr std::array<CatalogueFile, 1> kLakh = {{{"http://hog.ee.columbia.edu/craffel/lmd/lmd_full.tar.gz",
                                                  "6fcfe2ac49ca08f3f214cec86ab138d4fc4dabcd7f27f491a838dae6db45a12b"}}};
constexpr std::array<CatalogueFile, 1> kAria = {
    {{"https://huggingface.co/datasets/loubb/aria-midi/resolve/main/aria-midi-v1-pruned-ext.tar.gz", ""}}};

constexpr std::string_view kByContent = "by content";
constexpr std::array<CatalogueEntry, 10> kEntries = {{
    {"maestro", "1,276 piano performances, 199 h, with velocity and pedals", "CC BY-NC-SA 4.0", "official",
     "https://magenta.tensorflow.org/datasets/maestro", kMaestro, ""},
    {"groove", "1,150 drum performances, 14 h, by ten drummers", "CC BY 4.0", "official",
     "https://magenta.tensorflow.org/datasets/groove", kGroove, ""},
    {"nsynth", "305,979 recorded notes of 1,006 instruments (sound, not scores)", "CC BY 4.0", "official",
     "https://magenta.tensorflow.org/datasets/nsynth", kNsynth, ""},
    {"jsb", "382 chorales of Bach in four voices on the grid of sixteenths", "public domain music", "official",
     "https://github.com/czhuang/JSB-Chorales-dataset", kJsb, ""},
    {"pop909", "909 pop songs as melody, bridge and piano", "MIT; the songs are commercial", kByContent,
     "https://github.com/music-x-lab/POP909-Dataset", kPop909, ""},
    {"nottingham", "about 1,000 folk tunes with chords", "GPL-3", kByContent,
     "https://github.com/jukedeck/nottingham-dataset", kNottingham, ""},
    {"openewld", "502 lead sheets in MusicXML", "MIT; public domain scores", kByContent,
     "https://github.com/00sapo/OpenEWLD", kOpenEwld, ""},
    {"lakh", "about 176,000 MIDI files from the web", "CC BY 4.0; rights of the files not cleared", kByContent,
     "https://colinraffel.com/projects/lmd", kLakh, ""},
    {"aria-midi", "piano recordings, transcribed (the pruned subset)", "CC BY-NC-SA 4.0", kByContent,
     "https://github.com/loubbrad/aria-midi", kAria, ""},
    {"gigamidi",
     "about 1.4 million MIDI files",
     "CC BY-NC 4.0",
     "official",
     "https://huggingface.co/datasets/Metacreation/GigaMIDI",
     {},
     "accept its conditions at https://huggingface.co/datasets/Metacreation/GigaMIDI, download the raw MIDI version "
     "there and unpack it into a folder"},
}};

}  // namespace

std::span<const CatalogueEntry> catalogue() { return kEntries; }

const CatalogueEntry* find_in_catalogue(std::string_view name) {
  const auto found =
      std::find_if(kEntries.begin(), kEntries.end(), [&](const CatalogueEntry& entry) { return entry.name == name; });
  return found == kEntries.end() ? nullptr : &*found;
}

}  // namespace continuo::corpus
