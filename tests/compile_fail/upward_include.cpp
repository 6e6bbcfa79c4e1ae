#include "continuo/midi/file.h"  // base may not know MIDI
