#include <algorithm>
#include <thread>

#include <sys/syscall.h>
#include <unistd.h>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"

#include "linux_affinity.h"
#include "processors.h"

namespace continuo::platform {
namespace {

// The first thread's mask as the process was started with it ("taskset -c 0-3 continuo"). OpenMP narrows it to one
// processor before main() where OMP_PROC_BIND or OMP_PLACES is set, in the constructor of its library, and every
// thread that is started later inherits that. No file tells what it was before: /proc/self/status shows what it is
// now, the parent's may be that of a shell from before taskset, and the control groups know nothing of masks. So it is
// read before any library is initialised: .preinit_array is of the executable and comes first. Source: System V ABI,
// "Initialization and Termination Functions". Shared libraries cannot have one.
struct FirstMask {
  ProcessorBits bits;
  long bytes;  // 0 until read
};

// Plain memory, since it is filled before constructors run.
FirstMask first_mask;

// The sanitizers are not ready then.
#define CONTINUO_BEFORE_ALL __attribute__((no_sanitize("address", "undefined", "thread")))

// The call itself tells how many bytes it has filled. Source: sched_setaffinity(2), "C library/kernel differences".
CONTINUO_BEFORE_ALL void read_first_mask(int, char**, char**) {
  first_mask.bytes = ::syscall(SYS_sched_getaffinity, 0, sizeof first_mask.bits, first_mask.bits.data());
}

__attribute__((section(".preinit_array"), used)) void (*const before_all)(int, char**, char**) = read_first_mask;

Processors read_allowed() {
  if (first_mask.bytes <= 0) {  // a C library that knows no .preinit_array: the first thread's mask of now
    first_mask.bytes = ::syscall(SYS_sched_getaffinity, ::getpid(), sizeof first_mask.bits, first_mask.bits.data());
  }
  Processors allowed;
  const std::size_t count = 8 * std::size_t(std::max(0L, first_mask.bytes));
  for (std::size_t number = 0; number < count; ++number) {
    if (first_mask.bits[number / kBitsOfWord] >> number % kBitsOfWord & 1) allowed.push_back(int(number));
  }
  if (allowed.empty()) {
    const int all = std::max(1, int(std::thread::hardware_concurrency()));
    for (int number = 0; number < all; ++number) allowed.push_back(number);
  }
  return allowed;
}

}  // namespace

const std::vector<int>& allowed_processors() {
  static const Processors allowed = read_allowed();
  return allowed;
}

const std::vector<int>& processors() {
  static const Processors chosen = fastest_together("/", one_of_each_core("/", allowed_processors()));
  return chosen;
}

int usable_processors() {
  static const int count = threads_within(int(processors().size()), cpu_quota("/"));
  return count;
}

void pin_thread(int processor) {
  if (processor < 0 || processor >= usable_processors() || usable_processors() < int(processors().size())) return;
  run_on(bits_of({&processors()[std::size_t(processor)], 1}));
}

std::string cpu_model() {
  const auto text = read_text_file("/proc/cpuinfo");
  return text.ok() ? std::string(parse_cpu_model(*text)) : std::string();
}

}  // namespace continuo::platform
