#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/metrics/collection_statistics.h"
#include "continuo/score/bar_grid.h"
#include "continuo/score/chord_names.h"
#include "continuo/score/general_midi.h"
#include "continuo/score/key_finding.h"

#include "commands.h"
#include "common/music_input.h"

namespace continuo::app {
namespace {

constexpr std::size_t kBarsPerLine = 8;

std::string track_instrument(const score::Track& track) {
  return track.is_drum ? "Drums" : std::string(score::program_name(track.program));
}

std::string drum_text(std::uint8_t key) {
  const std::string_view name = score::drum_name(key);
  return name.empty() ? "key " + std::to_string(key) : std::string(name);
}

// Keys of a drum track are no pitches. Those that are struck most often come first.
nlohmann::json count_drums(const score::Track& track) {
  std::map<std::uint8_t, std::size_t> counts;
  for (const score::Note& note : track.notes) ++counts[note.pitch];
  std::vector<std::pair<std::uint8_t, std::size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, &std::pair<std::uint8_t, std::size_t>::second);
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [key, count] : sorted) list.push_back({{"key", key}, {"name", drum_text(key)}, {"notes", count}});
  return list;
}

nlohmann::json describe_track(const score::Track& track) {
  nlohmann::json pedals = nlohmann::json::object();
  for (const auto& [controller, name] : {std::pair{64, "sustain"}, {66, "sostenuto"}, {67, "soft"}}) {
    const auto count = std::count_if(track.controls.begin(), track.controls.end(),
                                     [c = controller](const auto& change) { return change.controller == c; });
    if (count > 0) pedals[name] = count;
  }
  nlohmann::json description{{"name", track.name},
                             {"instrument", track_instrument(track)},
                             {"program", track.program},
                             {"drums", track.is_drum},
                             {"notes", track.notes.size()},
                             {"controls", track.controls.size()},
                             {"pedals", pedals},
                             {"pitch_bends", track.pitch_bends.size()},
                             {"pressures", track.pressures.size()}};
  if (track.is_drum) {
    description["drum_counts"] = count_drums(track);
  } else if (!track.notes.empty()) {
    const auto [low, high] = std::minmax_element(track.notes.begin(), track.notes.end(),
                                                 [](const auto& a, const auto& b) { return a.pitch < b.pitch; });
    description["lowest_pitch"] = low->pitch;
    description["highest_pitch"] = high->pitch;
  }
  return description;
}

nlohmann::json describe_key(const score::Score& score) {
  nlohmann::json keys = nlohmann::json::array();
  for (const auto& key : score.key_signatures) keys.push_back(key.name());
  nlohmann::json description{{"written", keys}};
  if (const auto found = score::find_key(score)) {
    description["heard"] = found->key.name();
    description["correlation"] = found->correlation;
  }
  return description;
}

nlohmann::json describe(const std::string& path, const score::Score& score) {
  const score::BarGrid grid(score);
  const auto tempo_map = score.tempo_map();
  nlohmann::json tempos = nlohmann::json::array(), meters = nlohmann::json::array(), tracks = nlohmann::json::array();
  for (const auto& tempo : score.tempos) {
    tempos.push_back({{"second", tempo_map.to_seconds(tempo.onset).value}, {"qpm", tempo.quarters_per_minute()}});
  }
  for (const auto& meter : score.time_signatures) {
    meters.push_back({{"bar", grid.index_at(meter.onset) + 1},
                      {"meter", std::to_string(meter.numerator) + "/" + std::to_string(meter.denominator)}});
  }
  nlohmann::json irregular = nlohmann::json::array();
  for (const auto& bar : score.irregular_bars) {
    const double quarters = static_cast<double>(bar.length.value) / score.ticks_per_quarter;
    irregular.push_back({{"bar", grid.index_at(bar.onset) + 1}, {"quarters", quarters}});
  }
  for (const auto& track : score.tracks) tracks.push_back(describe_track(track));
  nlohmann::json chords = nlohmann::json::array();
  for (const auto& chord : score::bar_chords(score, grid)) chords.push_back(chord);
  nlohmann::json symbols = nlohmann::json::array();
  for (const auto& symbol : score.chord_symbols) {
    symbols.push_back({{"bar", grid.index_at(symbol.onset) + 1}, {"text", symbol.text}});
  }
  return {{"file", path},
          {"title", score.title},
          {"notes", score.note_count()},
          {"seconds", score.duration().value},
          {"bars", score.note_count() == 0 ? 0 : grid.bars().size()},
          {"ticks_per_quarter", score.ticks_per_quarter},
          {"tempos", tempos},
          {"meters", meters},
          {"irregular_bars", irregular},
          {"key", describe_key(score)},
          {"tracks", tracks},
          {"bar_chords", chords},
          {"chord_symbols", symbols}};
}

// "120.0", or "96.0 to 140.0 (31 changes)".
std::string tempo_text(const nlohmann::json& tempos) {
  if (tempos.empty()) return "120 (default)";
  double low = 1e9, high = 0;
  for (const auto& tempo : tempos) {
    low = std::min(low, tempo["qpm"].get<double>());
    high = std::max(high, tempo["qpm"].get<double>());
  }
  if (tempos.size() == 1) return cli::fixed(low, 1);
  return cli::fixed(low, 1) + " to " + cli::fixed(high, 1) + " (" + counted(tempos.size() - 1, "change", "changes") +
         ")";
}

// "4/4, 3/4 from bar 9; 2 irregular bars".
std::string meter_text(const nlohmann::json& piece) {
  std::string text;
  for (const auto& meter : piece["meters"]) {
    if (!text.empty()) text += ", ";
    text += meter["meter"].get<std::string>();
    if (meter["bar"] != 1) text += " from bar " + std::to_string(meter["bar"].get<int>());
  }
  if (text.empty()) text = "4/4 (default)";
  const std::size_t irregular = piece["irregular_bars"].size();
  return irregular == 0 ? text : text + "; " + counted(irregular, "irregular bar", "irregular bars");
}

std::string key_text(const nlohmann::json& key) {
  std::string text;
  for (const auto& name : key["written"]) text += (text.empty() ? "" : ", ") + name.get<std::string>();
  if (text.empty()) text = "no key signature";
  if (key.contains("heard")) {
    text +=
        "; estimated " + key["heard"].get<std::string>() + " (" + cli::fixed(key["correlation"].get<double>(), 2) + ")";
  }
  return text;
}

// `label`: eight columns at most.
void print_chords(std::string label, const nlohmann::json& chords, cli::Console& console) {
  label.resize(8, ' ');
  if (std::ranges::all_of(chords,
                          [](const auto& chord) { return chord.template get_ref<const std::string&>().empty(); }))
    return;
  constexpr std::size_t kMostLines = 4;
  for (std::size_t begin = 0; begin < std::min(chords.size(), kMostLines * kBarsPerLine); begin += kBarsPerLine) {
    std::string line = "  " + (begin == 0 ? label : std::string(8, ' '));
    for (std::size_t i = begin; i < std::min(begin + kBarsPerLine, chords.size()); ++i) {
      std::string cell = chords[i].get<std::string>();
      if (cell.empty()) cell = "-";
      cell.resize(std::max<std::size_t>(cell.size() + 1, 6), ' ');
      line += "| " + cell;
    }
    console.line(line + "|");
  }
  if (chords.size() > kMostLines * kBarsPerLine) {
    console.line("          ... " + std::to_string(chords.size()) + " bars in all (--json lists them)");
  }
}

// Those that are named in the piece, by bars: "Am", "C G", "".
nlohmann::json named_chords(const nlohmann::json& piece) {
  std::vector<std::string> bars(piece["bar_chords"].size());
  for (const auto& symbol : piece["chord_symbols"]) {
    const auto bar = symbol["bar"].get<std::size_t>();
    if (bar < 1 || bar > bars.size()) continue;
    std::string& text = bars[bar - 1];
    text += (text.empty() ? "" : " ") + symbol["text"].get<std::string>();
  }
  return bars;
}

// ", Bass drum 12, Snare 8 and 3 other drums".
std::string drum_counts_text(const nlohmann::json& drums) {
  constexpr std::size_t kMostDrums = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(drums.size(), kMostDrums); ++i)
    text += ", " + drums[i]["name"].get<std::string>() + " " + grouped(drums[i]["notes"]);
  const std::size_t others = drums.size() - std::min(drums.size(), kMostDrums);
  if (others > 0) text += " and " + counted(others, "other drum", "other drums");
  return text;
}

// `number`: among the tracks that have notes, as options count them; 0: it has none.
std::string track_text(const nlohmann::json& track, std::size_t number) {
  std::string label = number > 0 ? std::to_string(number) : "";
  label.resize(std::max<std::size_t>(label.size() + 1, 2), ' ');
  std::string text = "  track " + label + track["instrument"].get<std::string>();
  if (const std::string name = track["name"]; !name.empty()) text += " \"" + name + "\"";
  text += ", " + counted(track["notes"], "note", "notes");
  if (track.contains("lowest_pitch")) {
    text += ", pitch " + std::to_string(track["lowest_pitch"].get<int>()) + "-" +
            std::to_string(track["highest_pitch"].get<int>());
  }
  if (track.contains("drum_counts")) text += drum_counts_text(track["drum_counts"]);
  for (const auto& [pedal, count] : track["pedals"].items())
    text += ", " + counted(count, pedal + " pedal change", pedal + " pedal changes");
  if (track["pitch_bends"] != 0) text += ", " + counted(track["pitch_bends"], "pitch bend", "pitch bends");
  if (track["pressures"] != 0) text += ", " + counted(track["pressures"], "pressure change", "pressure changes");
  return text;
}

void print(const nlohmann::json& piece, cli::Console& console) {
  const std::string title = piece["title"];
  console.line(piece["file"].get<std::string>() + (title.empty() ? "" : "  \"" + title + "\""));
  console.line("  " + counted(piece["notes"], "note", "notes") + ", " + clock_text(piece["seconds"]) + ", " +
               counted(piece["bars"], "bar", "bars") + ", " + std::to_string(piece["ticks_per_quarter"].get<int>()) +
               " ticks per quarter note");
  console.line("  tempo   " + tempo_text(piece["tempos"]));
  console.line("  meter   " + meter_text(piece));
  console.line("  key     " + key_text(piece["key"]));
  std::size_t number = 0;
  for (const auto& track : piece["tracks"]) console.line(track_text(track, track["notes"] == 0 ? 0 : ++number));
  const nlohmann::json named = named_chords(piece);
  print_chords("named", named, console);
  const bool has_names = std::ranges::any_of(named, [](const auto& text) { return text != ""; });
  print_chords(has_names ? "heard" : "chords", piece["bar_chords"], console);
}

nlohmann::json describe_diagnostics(const std::string& path, const notation::Diagnostics& diagnostics) {
  nlohmann::json list = nlohmann::json::array();
  for (const notation::Diagnostic& diagnostic : diagnostics.kept()) {
    list.push_back({{"file", path},
                    {"kind", notation::to_string(diagnostic.kind)},
                    {"place", diagnostic.place},
                    {"what", diagnostic.what},
                    {"count", diagnostic.count}});
    if (!diagnostic.things.empty()) list.back()["things"] = diagnostic.things;
  }
  return list;
}

// What reading the file has left out or read around.
void print_diagnostics(const notation::Diagnostics& diagnostics, cli::Console& console) {
  constexpr std::size_t kMostLines = 10;
  const auto kept = diagnostics.kept();
  for (std::size_t i = 0; i < std::min(kept.size(), kMostLines); ++i) console.line("  warning " + kept[i].to_line());
  if (kept.size() > kMostLines) {
    console.line("          ... " + grouped(diagnostics.count()) + " warnings in all (--json lists them)");
  }
}

// A table of means over all files, to lay composed music beside the data that it was learned from. Statistics of pitch
// have no value for drums alone.
void print_statistics(const std::vector<metrics::PieceStatistics>& pieces, cli::Console& console) {
  constexpr int kDigits = 3;
  constexpr std::array<const char*, 12> kPitchClasses{"C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};
  const auto all = metrics::collection_statistics(pieces);
  console.line("statistics of " + counted(all.pieces, "piece", "pieces") + " (mean, deviation)");
  nlohmann::json table;
  for (const auto& field : metrics::statistic_fields()) {
    const auto& value = all.field(field.name);
    std::string left = "  " + std::string(field.name);
    left.resize(28, ' ');
    if (value.pieces == 0) {
      console.line(left + "-");
      table[std::string(field.name)] = nullptr;
      continue;
    }
    console.line(left + cli::fixed(value.mean, kDigits) + "  " + cli::fixed(value.deviation, kDigits));
    table[std::string(field.name)] = {{"mean", value.mean}, {"deviation", value.deviation}};
  }
  std::string shares = "  pitch classes";
  for (std::size_t i = 0; i < kPitchClasses.size() && all.pitched_pieces > 0; ++i) {
    shares += std::string(" ") + kPitchClasses[i] + " " + cli::fixed(100 * all.pitch_classes[i], 1) + " %";
  }
  console.line(all.pitched_pieces > 0 ? shares : shares + " - (drums only)");
  table["pitch_classes"] = all.pitch_classes;
  console.result()["statistics"] = table;
}

// Every file is looked at; the first failure is what the command returns in the end.
Status inspect(const cli::Arguments& arguments, cli::Console& console) {
  const bool statistics = arguments.flag("statistics");
  nlohmann::json pieces = nlohmann::json::array(), diagnostics = nlohmann::json::array();
  std::vector<metrics::PieceStatistics> measured;
  Status outcome;
  CONTINUO_ASSIGN(const auto found, music_inputs(arguments.positionals()));
  for (const std::string& note : found.notes) console.note("continuo: note: " + note);
  for (const auto& input : found.inputs) {
    const auto file = input.read();
    if (!file.ok()) {
      if (!outcome.ok()) console.note("continuo: error: " + outcome.error().to_line());
      outcome = file.error().in_file(input.name);
      continue;
    }
    for (const auto& piece : file->pieces) {
      if (statistics) {
        measured.push_back(metrics::piece_statistics(piece.score));
        continue;
      }
      pieces.push_back(describe(input.name, piece.score));
      print(pieces.back(), console);
    }
    if (statistics) continue;
    print_diagnostics(file->diagnostics, console);
    for (auto& each : describe_diagnostics(input.name, file->diagnostics)) diagnostics.push_back(std::move(each));
  }
  if (!statistics) console.result() = {{"pieces", pieces}, {"diagnostics", diagnostics}};
  if (!measured.empty()) print_statistics(measured, console);
  return outcome;
}

}  // namespace

cli::Command inspect_command() {
  return {{.name = "inspect",
           .summary = "Describe music files: notes, tracks, tempo, meter, key, chords, and what could not be read",
           .description =
               "Prints a summary of each piece. With --statistics it prints means and deviations over all pieces "
               "instead, for comparing composed music with the data that a model was trained on. Of a folder, other "
               "files than music are left out and counted.",
           .positionals = {{"FILE", music_input_help(), true}},
           .options = {{.name = "statistics",
                        .type = cli::Type::kFlag,
                        .help = "Print statistics over all pieces: density, polyphony, pitch classes and more"}},
           .examples = {"continuo inspect piece.mid", "continuo inspect --statistics composed",
                        "continuo inspect --statistics data/mine", "zcat piece.mid.gz | continuo inspect -"}},
          inspect,
          {}};
}

}  // namespace continuo::app
