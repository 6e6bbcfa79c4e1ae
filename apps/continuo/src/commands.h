#pragma once

#include "continuo/cli/command.h"

// One function per file: the command's spec and what it does.
namespace continuo::app {

cli::Command info_command();
cli::Command models_command();
cli::Command inspect_command();
cli::Command convert_command();
cli::Command tokenize_command();
cli::Command detokenize_command();
cli::Command tokenizer_make_command();
cli::Command tokenizer_train_command();
cli::Command dataset_build_command();
cli::Command dataset_merge_command();
cli::Command dataset_list_command();
cli::Command dataset_get_command();
cli::Command dataset_stats_command();
cli::Command dataset_verify_command();
cli::Command train_command();
cli::Command bench_train_command();
cli::Command bench_generate_command();
cli::Command compose_command();
cli::Command compose_accompany_command();
cli::Command compose_arrange_command();
cli::Command compose_harmonise_command();
cli::Command compose_beat_command();
cli::Command compose_humanise_command();
cli::Command compose_perform_command();
cli::Command compose_infill_command();
cli::Command compose_variation_command();
cli::Command evaluate_command();
cli::Command evaluate_merge_command();
cli::Command metrics_command();
cli::Command originality_build_command();
cli::Command originality_check_command();
cli::Command originality_merge_command();
cli::Command quantize_command();
cli::Command play_command();
cli::Command jam_command();
cli::Command render_command();
cli::Command runs_command();
cli::Command voices_command();

}  // namespace continuo::app
