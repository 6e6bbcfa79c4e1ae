#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "continuo/live/message.h"

namespace continuo::live {

// What a receiver of messages is still sounding, so that it can be silenced whatever happens.
class HeldNotes {
 public:
  void watch(const Message& message);
  bool empty() const;
  // Ends every note that sounds, lifts pedals that are down and centres bends: the fewest messages that do.
  std::vector<Message> release() const;

 private:
  struct Channel {
    std::array<std::uint16_t, 128> sounding{};  // notes by key: a key may be struck again while it is down
    std::bitset<128> pedals;                    // of kPedals, those that are down
    bool is_bent = false;
  };
  std::array<Channel, 16> channels_{};
};

}  // namespace continuo::live
