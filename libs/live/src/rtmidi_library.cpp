#include "rtmidi_library.h"

#include "continuo/base/platform/platform.h"

namespace continuo::live {
namespace {

Result<RtMidiLibrary> load() {
  const auto library = platform::SharedLibrary::load(CONTINUO_RTMIDI_LIBRARY);
  if (!library.ok())
    return Error{ErrorCode::not_found, "MIDI ports need RtMidi: install the package librtmidi6", {}, {}};
  RtMidiLibrary rtmidi;
  CONTINUO_TRY(library->bind(rtmidi.in_create, "rtmidi_in_create"));
  CONTINUO_TRY(library->bind(rtmidi.in_free, "rtmidi_in_free"));
  CONTINUO_TRY(library->bind(rtmidi.in_set_callback, "rtmidi_in_set_callback"));
  CONTINUO_TRY(library->bind(rtmidi.out_create, "rtmidi_out_create"));
  CONTINUO_TRY(library->bind(rtmidi.out_free, "rtmidi_out_free"));
  CONTINUO_TRY(library->bind(rtmidi.out_send_message, "rtmidi_out_send_message"));
  CONTINUO_TRY(library->bind(rtmidi.open_port, "rtmidi_open_port"));
  CONTINUO_TRY(library->bind(rtmidi.open_virtual_port, "rtmidi_open_virtual_port"));
  CONTINUO_TRY(library->bind(rtmidi.get_port_count, "rtmidi_get_port_count"));
  CONTINUO_TRY(library->bind(rtmidi.get_port_name, "rtmidi_get_port_name"));
  return rtmidi;
}

}  // namespace

Result<const RtMidiLibrary*> RtMidiLibrary::get() {
  static const Result<RtMidiLibrary> loaded = load();
  if (!loaded.ok()) return loaded.error();
  return &*loaded;
}

}  // namespace continuo::live
