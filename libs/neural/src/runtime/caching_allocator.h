#pragma once

#include <cstdint>

namespace continuo::neural {

// From now on libtorch's tensors on the CPU take their memory from a cache: a freed block waits for the next tensor of
// about its size, and large ones lie on huge pages. A training step asks for the same sizes each time; without this it
// spends more than half of its time on page faults. When a new block is needed, those that wait are given back if they
// have grown well beyond what has ever been in use at once, so batches of many lengths do not pile them up.
// Thread-safe. May be called more than once.
void use_caching_allocator();

// For tests and reports. Units: bytes.
struct CacheState {
  std::uint64_t used, waiting, most_used;
};
CacheState cache_state();

}  // namespace continuo::neural
