#pragma once

#include <memory>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/cli/command.h"
#include "continuo/cli/console.h"
#include "continuo/live/output.h"
#include "continuo/live/player.h"

namespace continuo::app {

// --output, --soundfont, --audio-driver and --list-ports: where music is played to at once.
std::vector<cli::Field> live_output_options();
// Errors: those of render::SoundDevice::open() and live::open_output().
Result<std::unique_ptr<live::Output>> open_live_output(const cli::Arguments& arguments);

// The MIDI ports of other programs and devices, a line each.
Status list_ports(cli::Console& console);

// "120 notes, none late", "120 notes, 3 more than 5 ms late, 12 ms at most".
std::string punctuality_text(const live::Punctuality& punctuality);
void report_punctuality(const live::Punctuality& punctuality, cli::Console& console);

}  // namespace continuo::app
