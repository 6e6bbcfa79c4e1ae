#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <string>
#include <system_error>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "continuo/base/platform/platform.h"

namespace continuo::platform {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

volatile std::sig_atomic_t interrupt_flag = 0;
volatile std::int64_t interrupt_ms = 0;  // when it was set; the handler alone uses it

// A wish to stop may come twice at once: to the process and to its group.
void on_interrupt(int signal_number) {
  constexpr std::int64_t kAtOnceMs = 500;
  struct timespec time {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  const std::int64_t now_ms = std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
  if (interrupt_flag && now_ms - interrupt_ms > kAtOnceMs) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
  }
  if (!interrupt_flag) interrupt_ms = now_ms;
  interrupt_flag = 1;
}

constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_to_pages(std::size_t bytes) {
  const std::size_t page = bytes >= kHugePage ? kHugePage : 4096;
  return (std::max<std::size_t>(bytes, 1) + page - 1) / page * page;
}

}  // namespace

Error error_from_errno(int error_number, const std::filesystem::path& path, std::string_view doing) {
  ErrorCode code = ErrorCode::io;
  if (error_number == ENOENT || error_number == ENOTDIR) code = ErrorCode::not_found;
  if (error_number == ENOSPC || error_number == EDQUOT) code = ErrorCode::no_space;
  std::string reason = std::generic_category().message(error_number);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return {code, std::string(doing) + " (" + reason + ")", {}, path};
}

Result<std::span<const std::uint8_t>> map_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return error_from_errno(errno, path, "cannot be opened");
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0) return error_from_errno(errno, path, "cannot be opened");
  if (!S_ISREG(facts.st_mode)) return Error{ErrorCode::io, "is not a regular file", {}, path};
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size == 0) return std::span<const std::uint8_t>{};
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (memory == MAP_FAILED) return error_from_errno(errno, path, "cannot be mapped");
  return std::span<const std::uint8_t>(static_cast<const std::uint8_t*>(memory), size);
}

void unmap_file(std::span<const std::uint8_t> bytes) {
  if (!bytes.empty()) ::munmap(const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

Status write_and_sync(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.valid()) return error_from_errno(errno, path, "cannot be written");
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_from_errno(errno, path, "cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (::fsync(file.number()) != 0 && errno != EINVAL && errno != EROFS) {
    return error_from_errno(errno, path, "cannot be written");
  }
  return {};
}

Status sync_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return error_from_errno(errno, path, "cannot be written");
  if (::fsync(file.number()) != 0 && errno != EINVAL && errno != EROFS) {
    return error_from_errno(errno, path, "cannot be written");
  }
  return {};
}

Status rename_over(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return error_from_errno(errno, to, "cannot be written");
  return {};
}

Status exchange_names(const std::filesystem::path& one, const std::filesystem::path& other) {
  constexpr unsigned kExchange = 2;  // Source: renameat2(2), RENAME_EXCHANGE
  if (::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), kExchange) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return error_from_errno(errno, other, "cannot be written");
  const std::filesystem::path aside = other.string() + ".aside-" + unique_suffix();
  for (const auto& [from, to] : {std::pair(other, aside), std::pair(one, other), std::pair(aside, one)})
    if (auto renamed = rename_over(from, to); !renamed.ok()) return renamed;
  return {};
}

Result<std::optional<FileLock>> FileLock::try_lock(const std::filesystem::path& path) {
  while (true) {
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (lock.descriptor_ < 0) return error_from_errno(errno, path, "cannot be locked");
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::optional<FileLock>();
      return error_from_errno(errno, path, "cannot be locked");
    }
    // Whoever had it before may have removed the file: then the lock is on something that nobody else finds.
    struct stat held {
    }, named{};
    const bool same = ::fstat(lock.descriptor_, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
                      held.st_ino == named.st_ino && held.st_dev == named.st_dev;
    if (same) return std::optional<FileLock>(std::move(lock));
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

// Large blocks come straight from the system and go back to it, so that they leave no holes in the heap.
void* allocate_pages(std::size_t bytes) {
  const std::size_t size = round_to_pages(bytes);
  if (size < kHugePage) {
    void* memory = std::aligned_alloc(4096, size);
    if (memory == nullptr) throw std::bad_alloc();
    return std::memset(memory, 0, size);
  }
  void* mapped = ::mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(mapped);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(mapped) % kHugePage) % kHugePage;
  if (before > 0) ::munmap(begin, before);
  if (before < kHugePage) ::munmap(begin + before + size, kHugePage - before);
  ::madvise(begin + before, size, MADV_HUGEPAGE);
  return begin + before;
}

void free_pages(void* memory, std::size_t bytes) {
  const std::size_t size = round_to_pages(bytes);
  if (size < kHugePage) {
    std::free(memory);
  } else {
    ::munmap(memory, size);
  }
}

int current_processor() noexcept { return ::sched_getcpu(); }

void avoid_processor(int processor) noexcept {
  thread_local const cpu_set_t all = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  cpu_set_t others = all;
  if (processor >= 0) CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) > 0) ::sched_setaffinity(0, sizeof others, &others);
}

ThreadUse thread_use() noexcept {
  // The times in rusage are only brought up to date at the system's ticks, some milliseconds apart.
  struct rusage usage {};
  struct timespec time {};
  if (::getrusage(RUSAGE_THREAD, &usage) != 0 || ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return {};
  return {std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec, usage.ru_nivcsw};
}

bool allow_matrix_tiles() {
#if defined(__x86_64__)
  // Source: Linux, Documentation/x86/xstate.rst.
  constexpr long kArchReqXcompPerm = 0x1023, kTileData = 18;
  return ::syscall(SYS_arch_prctl, kArchReqXcompPerm, kTileData) == 0;
#else
  return false;
#endif
}

std::uint64_t peak_resident_bytes() {
  struct rusage usage {};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

double cpu_seconds() {
  double seconds = 0;
  for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    struct rusage usage {};
    if (::getrusage(whose, &usage) != 0) continue;
    for (const auto& time : {usage.ru_utime, usage.ru_stime})
      seconds += double(time.tv_sec) + 1e-6 * double(time.tv_usec);
  }
  return seconds;
}

double ticks_per_second() {
  const long ticks = ::sysconf(_SC_CLK_TCK);
  return ticks > 0 ? double(ticks) : 100;
}

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }

void prefer_this_thread() noexcept {
  constexpr int kPriority = 20;  // below those of sound servers, by convention
  const sched_param wanted{.sched_priority = kPriority};
  (void)::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &wanted);
}

MutedErrors::MutedErrors() noexcept : kept_(::dup(STDERR_FILENO)) {
  if (kept_ < 0) return;
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nothing < 0) return;
  std::fflush(stderr);
  ::dup2(nothing, STDERR_FILENO);
  ::close(nothing);
}

MutedErrors::~MutedErrors() {
  if (kept_ < 0) return;
  std::fflush(stderr);
  ::dup2(kept_, STDERR_FILENO);
  ::close(kept_);
}

bool is_terminal(int file_descriptor) { return ::isatty(file_descriptor) == 1; }

int terminal_columns(int file_descriptor, int otherwise) {
  struct winsize size {};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A terminal that is closed; not where the user wants a program to outlive it (nohup).
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() { return interrupt_flag != 0; }

std::string unique_suffix() {
  static std::atomic<unsigned> count{0};
  return std::to_string(::getpid()) + "-" + std::to_string(count++);
}

std::filesystem::path executable_path() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path{} : path;
}

void set_environment_default(const char* name, const char* value) { ::setenv(name, value, 0); }

Result<SharedLibrary> SharedLibrary::load(const std::string& name) {
  void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return SharedLibrary(name, handle);
  const char* const why = ::dlerror();
  return Error{ErrorCode::not_found, why != nullptr ? why : name + " cannot be loaded", {}, {}};
}

Result<void*> SharedLibrary::find(const char* symbol) const {
  if (void* const address = ::dlsym(handle_, symbol)) return address;
  return Error{ErrorCode::unsupported, name_ + " has no " + symbol, {}, {}};
}

Status replace_process(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  return error_from_errno(errno, words[0], "cannot be started");
}

}  // namespace continuo::platform
