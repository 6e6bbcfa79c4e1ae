#include "continuo/score/general_midi.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace continuo::score {
namespace {

constexpr std::array<std::string_view, 128> kPrograms{"Acoustic Grand Piano",
                                                      "Bright Acoustic Piano",
                                                      "Electric Grand Piano",
                                                      "Honky-tonk Piano",
                                                      "Electric Piano 1",
                                                      "Electric Piano 2",
                                                      "Harpsichord",
                                                      "Clavinet",
                                                      "Celesta",
                                                      "Glockenspiel",
                                                      "Music Box",
                                                      "Vibraphone",
                                                      "Marimba",
                                                      "Xylophone",
                                                      "Tubular Bells",
                                                      "Dulcimer",
                                                      "Drawbar Organ",
                                                      "Percussive Organ",
                                                      "Rock Organ",
                                                      "Church Organ",
                                                      "Reed Organ",
                                                      "Accordion",
                                                      "Harmonica",
                                                      "Tango Accordion",
                                                      "Nylon Guitar",
                                                      "Steel Guitar",
                                                      "Jazz Guitar",
                                                      "Clean Electric Guitar",
                                                      "Muted Electric Guitar",
                                                      "Overdriven Guitar",
                                                      "Distortion Guitar",
                                                      "Guitar Harmonics",
                                                      "Acoustic Bass",
                                                      "Fingered Electric Bass",
                                                      "Picked Electric Bass",
                                                      "Fretless Bass",
                                                      "Slap Bass 1",
                                                      "Slap Bass 2",
                                                      "Synth Bass 1",
                                                      "Synth Bass 2",
                                                      "Violin",
                                                      "Viola",
                                                      "Cello",
                                                      "Contrabass",
                                                      "Tremolo Strings",
                                                      "Pizzicato Strings",
                                                      "Orchestral Harp",
                                                      "Timpani",
                                                      "String Ensemble 1",
                                                      "String Ensemble 2",
                                                      "Synth Strings 1",
                                                      "Synth Strings 2",
                                                      "Choir Aahs",
                                                      "Voice Oohs",
                                                      "Synth Voice",
                                                      "Orchestra Hit",
                                                      "Trumpet",
                                                      "Trombone",
                                                      "Tuba",
                                                      "Muted Trumpet",
                                                      "French Horn",
                                                      "Brass Section",
                                                      "Synth Brass 1",
                                                      "Synth Brass 2",
                                                      "Soprano Sax",
                                                      "Alto Sax",
                                                      "Tenor Sax",
                                                      "Baritone Sax",
                                                      "Oboe",
                                                      "English Horn",
                                                      "Bassoon",
                                                      "Clarinet",
                                                      "Piccolo",
                                                      "Flute",
                                                      "Recorder",
                                                      "Pan Flute",
                                                      "Blown Bottle",
                                                      "Shakuhachi",
                                                      "Whistle",
                                                      "Ocarina",
                                                      "Square Lead",
                                                      "Sawtooth Lead",
                                                      "Calliope Lead",
                                                      "Chiff Lead",
                                                      "Charang Lead",
                                                      "Voice Lead",
                                                      "Fifths Lead",
                                                      "Bass and Lead",
                                                      "New Age Pad",
                                                      "Warm Pad",
                                                      "Polysynth Pad",
                                                      "Choir Pad",
                                                      "Bowed Pad",
                                                      "Metallic Pad",
                                                      "Halo Pad",
                                                      "Sweep Pad",
                                                      "Rain",
                                                      "Soundtrack",
                                                      "Crystal",
                                                      "Atmosphere",
                                                      "Brightness",
                                                      "Goblins",
                                                      "Echoes",
                                                      "Sci-fi",
                                                      "Sitar",
                                                      "Banjo",
                                                      "Shamisen",
                                                      "Koto",
                                                      "Kalimba",
                                                      "Bagpipe",
                                                      "Fiddle",
                                                      "Shanai",
                                                      "Tinkle Bell",
                                                      "Agogo",
                                                      "Steel Drums",
                                                      "Woodblock",
                                                      "Taiko Drum",
                                                      "Melodic Tom",
                                                      "Synth Drum",
                                                      "Reverse Cymbal",
                                                      "Guitar Fret Noise",
                                                      "Breath Noise",
                                                      "Seashore",
                                                      "Bird Tweet",
                                                      "Telephone Ring",
                                                      "Helicopter",
                                                      "Applause",
                                                      "Gunshot"};

constexpr std::uint8_t kFirstDrum = 35;
constexpr std::array<std::string_view, 47> kDrums{
    "Low bass drum", "Bass drum",     "Side stick",     "Snare",         "Clap",         "Electric snare",
    "Low floor tom", "Closed hi-hat", "High floor tom", "Pedal hi-hat",  "Low tom",      "Open hi-hat",
    "Low-mid tom",   "High-mid tom",  "Crash",          "High tom",      "Ride",         "China",
    "Ride bell",     "Tambourine",    "Splash",         "Cowbell",       "Crash 2",      "Vibraslap",
    "Ride 2",        "High bongo",    "Low bongo",      "Mute conga",    "Open conga",   "Low conga",
    "High timbale",  "Low timbale",   "High agogo",     "Low agogo",     "Cabasa",       "Maracas",
    "Short whistle", "Long whistle",  "Short guiro",    "Long guiro",    "Claves",       "High block",
    "Low block",     "Mute cuica",    "Open cuica",     "Mute triangle", "Open triangle"};

// Programs up to `last`, from that after the row before on.
struct RangeRow {
  std::uint8_t last;
  PitchSpan span;
};
constexpr PitchSpan kKeyboard = {21, 108};
constexpr RangeRow kRanges[] = {
    {7, kKeyboard},    // pianos, harpsichord, clavinet
    {8, {60, 108}},    // celesta
    {9, {72, 108}},    // glockenspiel
    {10, {60, 96}},    // music box
    {11, {53, 89}},    // vibraphone
    {12, {45, 96}},    // marimba
    {13, {65, 108}},   // xylophone
    {14, {60, 79}},    // tubular bells
    {15, {53, 86}},    // dulcimer
    {18, {36, 96}},    // electric organs
    {19, kKeyboard},   // church organ, with its stops of 16 and 4 feet
    {20, {36, 96}},    // reed organ
    {21, {41, 93}},    // accordion
    {22, {60, 96}},    // harmonica
    {23, {36, 95}},    // bandoneon
    {31, {40, 88}},    // guitars
    {39, {23, 67}},    // basses, of five strings too
    {40, {55, 103}},   // violin
    {41, {48, 91}},    // viola
    {42, {36, 84}},    // cello
    {43, {24, 67}},    // double bass
    {45, {24, 103}},   // strings, tremolo and pizzicato
    {46, {23, 104}},   // harp
    {47, {36, 60}},    // timpani
    {51, {24, 103}},   // string ensembles
    {54, {36, 84}},    // voices, from bass to soprano
    {55, {36, 84}},    // orchestra hit
    {56, {52, 86}},    // trumpet
    {57, {34, 77}},    // trombone
    {58, {26, 65}},    // tuba
    {59, {52, 86}},    // muted trumpet
    {60, {34, 79}},    // horn
    {63, {26, 96}},    // brass sections
    {64, {56, 91}},    // soprano sax
    {65, {49, 85}},    // alto sax
    {66, {44, 80}},    // tenor sax
    {67, {36, 73}},    // baritone sax
    {68, {58, 93}},    // oboe
    {69, {52, 82}},    // English horn
    {70, {34, 76}},    // bassoon
    {71, {50, 94}},    // clarinet
    {72, {74, 108}},   // piccolo
    {73, {59, 98}},    // flute
    {75, {60, 98}},    // recorder, pan flute
    {76, {53, 96}},    // blown bottle
    {77, {55, 91}},    // shakuhachi
    {79, {60, 98}},    // whistle, ocarina
    {103, kKeyboard},  // synthesisers and effects
    {104, {48, 84}},   // sitar
    {105, {48, 88}},   // banjo
    {106, {48, 84}},   // shamisen
    {107, {48, 91}},   // koto
    {108, {48, 91}},   // kalimba
    {109, {45, 81}},   // bagpipe, with its drones
    {110, {55, 103}},  // fiddle
    {111, {60, 89}},   // shanai
    {127, kKeyboard},  // percussion with pitches, and sounds
};

}  // namespace

PitchSpan program_range(std::uint8_t program) {
  return std::ranges::lower_bound(kRanges, program, {}, &RangeRow::last)->span;
}

std::string_view program_name(std::uint8_t program) { return kPrograms[program & 127]; }

std::string_view drum_name(std::uint8_t pitch) {
  const auto index = static_cast<std::size_t>(pitch - kFirstDrum);
  return pitch >= kFirstDrum && index < kDrums.size() ? kDrums[index] : std::string_view{};
}

namespace {

struct CommonName {
  std::string_view name;
  std::uint8_t program;
};

// The usual representative of what has several programs.
constexpr CommonName kCommonNames[] = {
    {"piano", 0},        {"electric piano", 4}, {"organ", 19},          {"guitar", 24},  {"electric guitar", 27},
    {"bass", 33},        {"double bass", 32},   {"synth bass", 38},     {"strings", 48}, {"harp", 46},
    {"choir", 52},       {"voice", 52},         {"brass", 61},          {"sax", 65},     {"saxophone", 65},
    {"horn", 60},        {"lead", 80},          {"synth", 80},          {"pad", 88},     {"banjo", 105},
    {"violoncello", 42}, {"contrabass", 43},    {"acoustic guitar", 25}};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return result;
}

}  // namespace

std::optional<Sound> find_sound(std::string_view name) {
  const std::string wanted = lower(name);
  if (wanted == "drums" || wanted == "drum kit" || wanted == "percussion") return Sound{0, true};
  for (const CommonName& common : kCommonNames)
    if (common.name == wanted) return Sound{common.program, false};
  for (std::size_t i = 0; i < kPrograms.size(); ++i)
    if (lower(kPrograms[i]) == wanted) return Sound{std::uint8_t(i), false};
  int number = -1;
  const auto parsed = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != wanted.data() + wanted.size() || number < 0 || number > 127)
    return std::nullopt;
  return Sound{std::uint8_t(number), false};
}

}  // namespace continuo::score
