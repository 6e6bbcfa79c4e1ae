#include "continuo/cli/program.h"
#include "continuo/kernels/isa.h"

#include "commands.h"

int main(int argc, char** argv) {
  using namespace continuo::app;
  // In the order in which --help shows them.
  const std::vector<continuo::cli::Command> commands = {
      inspect_command(),
      convert_command(),
      tokenize_command(),
      detokenize_command(),
      tokenizer_make_command(),
      tokenizer_train_command(),
      dataset_build_command(),
      dataset_merge_command(),
      dataset_list_command(),
      dataset_get_command(),
      dataset_stats_command(),
      dataset_verify_command(),
      train_command(),
      runs_command(),
      info_command(),
      models_command(),
      voices_command(),
      compose_command(),
      compose_infill_command(),
      compose_variation_command(),
      compose_accompany_command(),
      compose_arrange_command(),
      compose_harmonise_command(),
      compose_beat_command(),
      compose_humanise_command(),
      compose_perform_command(),
      evaluate_command(),
      evaluate_merge_command(),
      metrics_command(),
      originality_build_command(),
      originality_merge_command(),
      originality_check_command(),
      quantize_command(),
      render_command(),
      play_command(),
      jam_command(),
      bench_train_command(),
      bench_generate_command(),
  };
  continuo::cli::Program program("continuo",
                                 "Continuo learns music from MIDI and sheet music, and composes more of it.", commands);
  program.add_to_version([] {
    using namespace continuo::kernels;
    return continuo::cli::VersionRows{
        continuo::cli::instruction_set_row(isa_name(), available_isas(), [](Isa isa) { return to_string(isa); })};
  });
  return program.run(argc, argv, continuo::kernels::check_requested_isa());
}
