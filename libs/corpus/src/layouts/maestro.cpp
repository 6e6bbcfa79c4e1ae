#include <array>
#include <string_view>

#include "layouts/recognise.h"
#include "layouts/split_table.h"

namespace continuo::corpus {
namespace {

constexpr std::array<std::string_view, 2> kColumns = {"midi_filename", "split"};

bool is_table_name(std::string_view name) {
  return name.starts_with("maestro-") && (name.ends_with(".csv") || name.ends_with(".json"));
}

// "MIDI-Unprocessed_SMF_02_R1_2004_01-05_ORIG_MID--AUDIO_02_R1_2004_05_Track05_wav.midi": the three beginnings that the
// files of the competition's recordings have.
bool is_file_name(std::string_view name) {
  return name.starts_with("MIDI-Unprocessed_") || name.starts_with("MIDI-UNPROCESSED_") ||
         name.starts_with("ORIG-MIDI_");
}

constexpr TableCollection kMaestro = {.is_table_name = is_table_name,
                                      .columns = kColumns,
                                      .owns_table_name = true,
                                      .is_file_name = is_file_name,
                                      .title = "MAESTRO",
                                      .table = "maestro-v3.0.0.csv"};

}  // namespace

Result<bool> recognise_maestro(Source& source) { return recognise_by_table(kMaestro, source); }

}  // namespace continuo::corpus
