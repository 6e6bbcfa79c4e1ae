#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "continuo/base/result.h"

// Calls to the operating system, all of them, each with a plain fallback elsewhere. Linux is what is built and
// tested.
namespace continuo::platform {

// Maps a file for reading; empty files give an empty span. Errors: not_found, io, empty (a folder).
Result<std::span<const std::uint8_t>> map_file(const std::filesystem::path& path);
void unmap_file(std::span<const std::uint8_t> bytes);

// Writes and flushes to the device. Errors: io, no_space.
Status write_and_sync(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
Status sync_file(const std::filesystem::path& path);
Status rename_over(const std::filesystem::path& from, const std::filesystem::path& to);
// Both names then stand for what the other one stood for, at once where the system can do that. Errors: io, not_found.
Status exchange_names(const std::filesystem::path& one, const std::filesystem::path& other);

// A file that one process (or one thread) at a time has locked; the lock ends with the object or the process. Where
// the system has no locks, everybody gets one.
class FileLock {
 public:
  // Makes the file if missing and does not wait: nullopt when another has the lock. Errors: io, not_found (no folder).
  static Result<std::optional<FileLock>> try_lock(const std::filesystem::path& path);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

// Zeroed memory aligned to 64 bytes, on huge pages where the system has them. Throws std::bad_alloc.
void* allocate_pages(std::size_t bytes);
void free_pages(void* memory, std::size_t bytes);

// The processors that the process might run on when it started, by the system's numbers, ascending; hyperthreads
// count. Not by the mask of the calling thread, which OMP_PROC_BIND narrows before main(). Never empty.
const std::vector<int>& allowed_processors();
// Of those the ones to compute on: one of each core, and of unequal cores (big.LITTLE, Intel's hybrids) those that are
// fastest together, where each waits for the slowest. Never empty.
const std::vector<int>& processors();
// How many threads should compute: one on each of processors(), or where a container has a quota of CPU time that is
// less, as many as it has whole CPUs; at least 1. The answer of the first call stays.
int usable_processors();
// Keeps the calling thread on processors()[processor]. Does nothing where the system has no such thing, and under a
// quota: other containers would choose the same processors. Range: 0 to usable_processors() - 1; others are ignored.
void pin_thread(int processor);
// What the calling thread has had of its processors so far; nothing where the system does not say.
struct ThreadUse {
  std::int64_t processor_ns = 0;   // time on a processor
  std::int64_t interruptions = 0;  // how often the system gave the processor to another thread against its will
};
ThreadUse thread_use() noexcept;
// The processor that the calling thread is on; -1 where unknown.
int current_processor() noexcept;
// Lets the calling thread run on any processor that it was started for but this one; with -1 on all of them again.
void avoid_processor(int processor) noexcept;
// What the processor calls itself, "AMD EPYC 7B13"; empty where unknown.
std::string cpu_model();
// Asks the system to let this process use AMX tiles; false where it does not know them. To be called before threads
// that use them start.
bool allow_matrix_tiles();
// Largest resident set of this process so far. Units: bytes; 0 where unknown.
std::uint64_t peak_resident_bytes();
// CPU time of this process so far, with that of its children that have ended and been waited for. Units: seconds.
double cpu_seconds();
// What the kernel counts CPU time in, where it writes it as text.
double ticks_per_second();
// Priority of this process, 0 unless somebody has changed it. Range: -20 (first) to 19 (last).
int niceness();
// Asks the system to run the calling thread as soon as it can run, before those of other programs: for work of a moment
// that must be in time. Does nothing where the system refuses or has no such thing.
void prefer_this_thread() noexcept;

// While one of these lives, what the process writes to standard error is lost: for calls of libraries that write there
// on their own. For one thread at a time. Not copyable.
class MutedErrors {
 public:
  MutedErrors() noexcept;
  ~MutedErrors();
  MutedErrors(const MutedErrors&) = delete;
  MutedErrors& operator=(const MutedErrors&) = delete;

 private:
  int kept_ = -1;  // standard error as it was
};

// Terminal facts.
bool is_terminal(int file_descriptor);
int terminal_columns(int file_descriptor, int otherwise);

// From now on SIGINT, SIGTERM and SIGHUP only set a flag, which interrupted() returns; one that comes more than half a
// second later ends the process.
void catch_interrupts();
bool interrupted();

// Different for each call and process: for temporary names.
std::string unique_suffix();

// The running program's own file; empty where unknown.
std::filesystem::path executable_path();

// Sets an environment variable for this process and what it starts, unless the user has set it.
void set_environment_default(const char* name, const char* value);

// Becomes another program: words[0] is its file, the rest its arguments. Returns only on failure. Errors:
// not_found, io.
Status replace_process(const std::vector<std::string>& words);

// A library of the system that is loaded when it is first needed, and stays.
class SharedLibrary {
 public:
  // `name` as the linker knows it ("libm.so.6"). Errors: not_found, unsupported (a system that we cannot ask).
  static Result<SharedLibrary> load(const std::string& name);
  // Points `function` at the library's function of this name, whose type is for the caller to know. Errors:
  // unsupported (it has none).
  template <typename Function>
  Status bind(Function*& function, const char* symbol) const {
    CONTINUO_ASSIGN(void* const address, find(symbol));
    function = reinterpret_cast<Function*>(address);
    return {};
  }

 private:
  SharedLibrary(std::string name, void* handle) : name_(std::move(name)), handle_(handle) {}
  Result<void*> find(const char* symbol) const;
  std::string name_;
  void* handle_ = nullptr;
};

// An errno as our code: ENOSPC is no_space, ENOENT not_found, the rest io.
Error error_from_errno(int error_number, const std::filesystem::path& path, std::string_view doing);

}  // namespace continuo::platform
