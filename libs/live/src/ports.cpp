#include "continuo/live/ports.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"
#include "continuo/midi/event.h"

#include "rtmidi_library.h"

namespace continuo::live {
namespace {

constexpr const char* kInputName = "Continuo in";  // of us, as other programs see us
constexpr const char* kOutputName = "Continuo out";
constexpr const char* kLookingName = "Continuo ports";  // while we look for others
constexpr const char* kPortName = "midi";
constexpr unsigned kQueue = 1024;  // messages that wait for a callback; with one, none do

struct System {
  std::string_view name;
  RtMidiApi api;
};
constexpr std::array kSystems = {System{"JACK", RTMIDI_API_UNIX_JACK}, System{"ALSA", RTMIDI_API_LINUX_ALSA}};

using Device = std::unique_ptr<RtMidiWrapper, void (*)(RtMidiPtr)>;

// A device of RtMidi's in one system, which may not run. RtMidi and the libraries below it write about that on their
// own, and a device that could not be made must not be asked anything.
std::optional<Device> make_device(const RtMidiLibrary& rtmidi, Direction direction, RtMidiApi api, const char* name) {
  std::error_code ignored;
  if (api == RTMIDI_API_LINUX_ALSA && !std::filesystem::exists("/dev/snd/seq", ignored)) return std::nullopt;
  const platform::MutedErrors muted;
  Device device = direction == Direction::kIn ? Device(rtmidi.in_create(api, name, kQueue), rtmidi.in_free)
                                              : Device(rtmidi.out_create(api, name), rtmidi.out_free);
  if (!device || !device->ok || device->ptr == nullptr) {
    (void)device.release();  // freeing what was never made is not safe
    return std::nullopt;
  }
  return device;
}

std::vector<std::string> port_names(const RtMidiLibrary& rtmidi, RtMidiPtr device) {
  const platform::MutedErrors muted;
  std::vector<std::string> names;
  const unsigned count = rtmidi.get_port_count(device);
  for (unsigned i = 0; i < count; ++i) {
    std::array<char, 512> text{};
    int size = text.size();
    rtmidi.get_port_name(device, i, text.data(), &size);
    names.emplace_back(text.data());
  }
  return names;
}

// Where to connect to: port `number` of a device, or to a port of our own.
struct Place {
  Device device;
  std::optional<unsigned> number;
};

struct Match {
  std::size_t place;  // in a list of places
  unsigned number;
  std::string name;
};

Error no_system() {
  return {
      ErrorCode::not_found, "there are no MIDI ports here: neither ALSA's sequencer nor a JACK server runs", {}, {}};
}

Error no_such_port(const std::string& name) {
  return {ErrorCode::not_found, "no MIDI port is called '" + name + "'; --list-ports shows them", {}, {}};
}

// Of the matches the one of just that name, or the only one.
Result<Match> choose(const std::vector<Match>& matches, const std::string& name) {
  if (matches.empty()) return no_such_port(name);
  const auto same = std::ranges::find(matches, name, &Match::name);
  if (same != matches.end()) return *same;
  if (matches.size() == 1) return matches.front();
  return Error{ErrorCode::invalid_argument,
               "'" + name + "' is part of the names of several MIDI ports, '" + matches[0].name + "' and '" +
                   matches[1].name + "' among them",
               {},
               {}};
}

Result<Place> find_place(const RtMidiLibrary& rtmidi, Direction direction, const std::string& name) {
  const char* const own_name = direction == Direction::kIn ? kInputName : kOutputName;
  std::vector<Device> devices;
  std::vector<Match> matches;
  bool has_ports = false;  // a device of JACK is there even if its server is not
  for (const System& system : kSystems) {
    std::optional<Device> device = make_device(rtmidi, direction, system.api, own_name);
    if (!device) continue;
    devices.push_back(std::move(*device));
    if (name.empty()) return Place{std::move(devices.front()), {}};
    const auto names = port_names(rtmidi, devices.back().get());
    has_ports = has_ports || !names.empty();
    for (unsigned i = 0; i < names.size(); ++i)
      if (lower_case(names[i]).find(lower_case(name)) != std::string::npos)
        matches.push_back({devices.size() - 1, i, names[i]});
  }
  if (!has_ports)
    return Error{
        ErrorCode::not_found,
        "there are no MIDI ports here: no device is plugged in, and no program of ALSA or JACK runs that has one",
        {},
        {}};
  CONTINUO_ASSIGN(const Match match, choose(matches, name));
  return Place{std::move(devices[match.place]), match.number};
}

Status connect(const RtMidiLibrary& rtmidi, const Place& place) {
  const platform::MutedErrors muted;
  if (place.number) {
    rtmidi.open_port(place.device.get(), *place.number, kPortName);
  } else {
    rtmidi.open_virtual_port(place.device.get(), kPortName);
  }
  if (place.device->ok) return {};
  if (!place.number) return no_system();
  return Error{ErrorCode::io, "the MIDI port cannot be opened", {}, {}};
}

class PortOutput final : public Output {
 public:
  PortOutput(const RtMidiLibrary& rtmidi, Device device) : rtmidi_(rtmidi), device_(std::move(device)) {}

  Status send(const Message& message) override {
    rtmidi_.out_send_message(device_.get(), message.bytes.data(), message.size);
    if (device_->ok) return {};
    return Error{ErrorCode::io, "the MIDI port is gone", {}, {}};
  }

 private:
  const RtMidiLibrary& rtmidi_;
  Device device_;
};

class PortInput final : public Input {
 public:
  PortInput(const RtMidiLibrary& rtmidi, Device device, std::function<void(const TimedMessage&)> hear)
      : hear_(std::move(hear)), device_(std::move(device)) {
    rtmidi.in_set_callback(device_.get(), &PortInput::receive, this);
  }

 private:
  // Whoever sends may send anything.
  static void receive(double, const unsigned char* bytes, std::size_t size, void* self) {
    if (size == 0 || bytes[0] < 0x80 || bytes[0] >= 0xF0 || size != std::size_t(1 + midi::data_bytes(bytes[0]))) return;
    if (std::any_of(bytes + 1, bytes + size, [](unsigned char data) { return data > 127; })) return;
    Message message;
    std::copy_n(bytes, size, message.bytes.begin());
    message.size = static_cast<std::uint8_t>(size);
    static_cast<PortInput*>(self)->hear_({now(), message});
  }

  std::function<void(const TimedMessage&)> hear_;  // outlives the device's thread
  Device device_;
};

}  // namespace

Result<std::vector<Port>> list_ports() {
  CONTINUO_ASSIGN(const RtMidiLibrary* const rtmidi, RtMidiLibrary::get());
  std::vector<Port> ports;
  for (const System& system : kSystems)
    for (const Direction direction : {Direction::kIn, Direction::kOut})
      if (const auto device = make_device(*rtmidi, direction, system.api, kLookingName))
        for (std::string& name : port_names(*rtmidi, device->get()))
          ports.push_back({system.name, std::move(name), direction});
  return ports;
}

Result<std::unique_ptr<Output>> open_output(const std::string& name) {
  CONTINUO_ASSIGN(const RtMidiLibrary* const rtmidi, RtMidiLibrary::get());
  CONTINUO_ASSIGN(Place place, find_place(*rtmidi, Direction::kOut, name));
  CONTINUO_TRY(connect(*rtmidi, place));
  return std::make_unique<PortOutput>(*rtmidi, std::move(place.device));
}

Result<std::unique_ptr<Input>> open_input(const std::string& name, std::function<void(const TimedMessage&)> hear) {
  CONTINUO_ASSIGN(const RtMidiLibrary* const rtmidi, RtMidiLibrary::get());
  CONTINUO_ASSIGN(Place place, find_place(*rtmidi, Direction::kIn, name));
  CONTINUO_TRY(connect(*rtmidi, place));
  return std::make_unique<PortInput>(*rtmidi, std::move(place.device), std::move(hear));
}

}  // namespace continuo::live
