#pragma once

#include <array>
#include <span>

#include <sys/syscall.h>
#include <unistd.h>

namespace continuo::platform {

// A mask of 65,536 processors, where cpu_set_t has 1,024.
using ProcessorBits = std::array<unsigned long, 1024>;
inline constexpr std::size_t kBitsOfWord = 8 * sizeof(unsigned long);

inline ProcessorBits bits_of(std::span<const int> processors) {
  ProcessorBits bits{};
  for (const int number : processors)
    bits[std::size_t(number) / kBitsOfWord] |= 1UL << std::size_t(number) % kBitsOfWord;
  return bits;
}

// The calling thread runs on those alone. May be called between fork() and exec().
inline void run_on(const ProcessorBits& bits) { ::syscall(SYS_sched_setaffinity, 0, sizeof bits, bits.data()); }

}  // namespace continuo::platform
