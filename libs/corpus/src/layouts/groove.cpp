#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "layouts/recognise.h"
#include "layouts/split_table.h"

namespace continuo::corpus {
namespace {

constexpr std::array<std::string_view, 3> kColumns = {"drummer", "midi_filename", "split"};

bool is_table_name(std::string_view name) { return name == "info.csv"; }

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// ID_STYLE_TEMPO_beat_METER.mid, or "fill": "1_funk-groove1_138_beat_4-4.mid".
bool is_file_name(std::string_view name) {
  if (!name.ends_with(".mid")) return false;
  name.remove_suffix(4);
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = name.find('_');
    parts.push_back(name.substr(0, end));
    if (end != std::string_view::npos) name.remove_prefix(end + 1);
  }
  return parts.size() == 5 && is_number(parts[0]) && is_number(parts[2]) && (parts[3] == "beat" || parts[3] == "fill");
}

constexpr TableCollection kGroove = {.is_table_name = is_table_name,
                                     .columns = kColumns,
                                     .owns_table_name = false,
                                     .is_file_name = is_file_name,
                                     .title = "the Groove MIDI Dataset",
                                     .table = "info.csv"};

}  // namespace

Result<bool> recognise_groove(Source& source) { return recognise_by_table(kGroove, source); }

}  // namespace continuo::corpus
