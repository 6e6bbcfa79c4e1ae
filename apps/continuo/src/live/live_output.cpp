#include "live_output.h"

#include <utility>

#include "continuo/base/text.h"
#include "continuo/live/ports.h"
#include "continuo/render/sound_device.h"

namespace continuo::app {
namespace {

class SynthesizerOutput final : public live::Output {
 public:
  explicit SynthesizerOutput(std::unique_ptr<render::SoundDevice> device) : device_(std::move(device)) {}
  Status send(const live::Message& message) override {
    device_->send(message.view());
    return {};
  }

 private:
  std::unique_ptr<render::SoundDevice> device_;
};

double milliseconds(live::Time time) { return 1000 * live::to_seconds(time); }

}  // namespace

std::vector<cli::Field> live_output_options() {
  using cli::Type;
  return options::in_group(
      "Ports",
      {{.name = "output",
        .letter = 'o',
        .unit = "OUT",
        .help = "What plays: synth, the synthesizer that comes along; null, nothing, to see whether notes are in "
                "time; port, a MIDI port of our own that others can be connected to; or a MIDI port by a part of "
                "its name",
        .default_value = "synth"},
       {.name = "soundfont",
        .type = Type::kPath,
        .unit = "SF2",
        .help = "SoundFont with the instruments (synth only)",
        .default_text = "$CONTINUO_SOUNDFONT, or the General MIDI set of the system"},
       {.name = "audio_driver",
        .unit = "NAME",
        .help = "Driver of the sound card (synth only): alsa, jack, pulseaudio or another of FluidSynth's",
        .default_text = "the one that FluidSynth prefers"},
       {.name = "list_ports", .type = Type::kFlag, .help = "List the MIDI ports of this machine and do nothing else"}});
}

Result<std::unique_ptr<live::Output>> open_live_output(const cli::Arguments& arguments) {
  const std::string& name = arguments.text("output");
  if (name == "null") return std::make_unique<live::NullOutput>();
  if (name != "synth") return live::open_output(name == "port" ? "" : name);
  render::SoundDeviceOptions options;
  if (arguments.has("soundfont")) options.soundfont = arguments.path("soundfont");
  if (arguments.has("audio_driver")) options.driver = arguments.text("audio_driver");
  auto device = render::SoundDevice::open(options);
  if (!device.ok() && options.driver.empty()) {  // a JACK server may run where FluidSynth prefers something else
    options.driver = "jack";
    auto jack = render::SoundDevice::open(options);
    if (jack.ok()) return std::make_unique<SynthesizerOutput>(std::move(*jack));
  }
  if (device.ok()) return std::make_unique<SynthesizerOutput>(std::move(*device));
  Error error = device.error();
  if (error.path.empty())
    error.what += "; 'continuo render' writes the sound to a file, and --output names a MIDI port to play to";
  return error;
}

Status list_ports(cli::Console& console) {
  CONTINUO_ASSIGN(const auto ports, live::list_ports());
  console.result()["ports"] = nlohmann::json::array();
  for (const live::Port& port : ports) {
    const std::string_view use = port.direction == live::Direction::kIn ? "input" : "output";
    console.result()["ports"].push_back({{"system", port.system}, {"use", use}, {"name", port.name}});
    console.line(std::string(port.system) + "  " + (use == "input" ? "input   " : "output  ") + port.name);
  }
  if (ports.empty())
    console.note(
        "continuo: note: there are no MIDI ports: no device is plugged in, and no program of ALSA or JACK runs that "
        "has one");
  return {};
}

std::string punctuality_text(const live::Punctuality& punctuality) {
  const std::string notes = counted(punctuality.notes, "note", "notes");
  if (punctuality.late == 0) return notes + ", none late";
  return notes + ", " + grouped(punctuality.late) + " more than " + cli::fixed(milliseconds(punctuality.kLate), 0) +
         " ms late, " + cli::fixed(milliseconds(punctuality.worst), 0) + " ms at most";
}

void report_punctuality(const live::Punctuality& punctuality, cli::Console& console) {
  console.result()["notes"] = punctuality.notes;
  console.result()["late_notes"] = punctuality.late;
  console.result()["greatest_delay_ms"] = milliseconds(punctuality.worst);
}

}  // namespace continuo::app
