#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <new>
#include <numeric>
#include <system_error>
#include <thread>

#include "continuo/base/platform/busy_processes.h"
#include "continuo/base/platform/platform.h"

// The plain fallback: standard C++ alone.
namespace continuo::platform {
namespace {

volatile std::sig_atomic_t interrupt_flag = 0;
void on_interrupt(int) { interrupt_flag = 1; }

}  // namespace

Error error_from_errno(int error_number, const std::filesystem::path& path, std::string_view doing) {
  const auto code = error_number == ENOENT   ? ErrorCode::not_found
                    : error_number == ENOSPC ? ErrorCode::no_space
                                             : ErrorCode::io;
  return {code, std::string(doing) + " (" + std::generic_category().message(error_number) + ")", {}, path.string()};
}

Result<std::span<const std::uint8_t>> map_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return error_from_errno(errno, path, "cannot be opened");
  const auto size = static_cast<std::size_t>(file.tellg());
  if (size == 0) return std::span<const std::uint8_t>{};
  auto* memory = static_cast<std::uint8_t*>(std::malloc(size));
  if (memory == nullptr) throw std::bad_alloc();
  file.seekg(0);
  file.read(reinterpret_cast<char*>(memory), static_cast<std::streamsize>(size));
  return std::span<const std::uint8_t>(memory, size);
}

void unmap_file(std::span<const std::uint8_t> bytes) { std::free(const_cast<std::uint8_t*>(bytes.data())); }

Status write_and_sync(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.flush();
  if (!file) return error_from_errno(errno, path, "cannot be written");
  return {};
}

Status sync_file(const std::filesystem::path&) { return {}; }

Status rename_over(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) return error_from_errno(error.value(), to, "cannot be written");
  return {};
}

Status exchange_names(const std::filesystem::path& one, const std::filesystem::path& other) {
  const std::filesystem::path aside = other.string() + ".aside-" + unique_suffix();
  for (const auto& [from, to] : {std::pair(other, aside), std::pair(one, other), std::pair(aside, one)})
    if (auto renamed = rename_over(from, to); !renamed.ok()) return renamed;
  return {};
}

Result<std::optional<FileLock>> FileLock::try_lock(const std::filesystem::path&) {
  return std::optional<FileLock>(FileLock(-1));
}
FileLock::~FileLock() = default;

void* allocate_pages(std::size_t bytes) {
  void* memory = ::operator new (bytes, std::align_val_t{64});
  std::memset(memory, 0, bytes);
  return memory;
}

void free_pages(void* memory, std::size_t) { ::operator delete (memory, std::align_val_t{64}); }

const std::vector<int>& allowed_processors() {
  static const std::vector<int> all = [] {
    std::vector<int> numbers(std::max(1U, std::thread::hardware_concurrency()));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
  }();
  return all;
}

const std::vector<int>& processors() { return allowed_processors(); }
int usable_processors() { return static_cast<int>(processors().size()); }
void pin_thread(int) {}
int current_processor() noexcept { return -1; }
void avoid_processor(int) noexcept {}
ThreadUse thread_use() noexcept { return {}; }
std::string cpu_model() { return {}; }
bool allow_matrix_tiles() { return false; }

std::uint64_t peak_resident_bytes() { return 0; }
double cpu_seconds() { return double(std::clock()) / CLOCKS_PER_SEC; }
double ticks_per_second() { return 100; }
int niceness() { return 0; }
void prefer_this_thread() noexcept {}

MutedErrors::MutedErrors() noexcept = default;
MutedErrors::~MutedErrors() = default;
bool is_terminal(int) { return false; }
int terminal_columns(int, int otherwise) { return otherwise; }

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return interrupt_flag != 0; }

std::string unique_suffix() {
  static std::atomic<unsigned> count{0};
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return std::to_string(now) + "-" + std::to_string(count++);
}

std::filesystem::path executable_path() { return {}; }

void set_environment_default(const char*, const char*) {}

Result<SharedLibrary> SharedLibrary::load(const std::string& name) {
  return Error{ErrorCode::unsupported, name + " cannot be loaded on this system", {}, {}};
}

Result<void*> SharedLibrary::find(const char* symbol) const {
  return Error{ErrorCode::unsupported, name_ + " has no " + symbol, {}, {}};
}

Result<BusyProcesses> BusyProcesses::start(int count) {
  if (count == 0) return BusyProcesses();
  return Error{ErrorCode::unsupported, "busy processes cannot be started on this system", {}, {}};
}
void BusyProcesses::stop() {}

Status replace_process(const std::vector<std::string>& words) {
  return Error{ErrorCode::unsupported, "cannot be started on this system", {}, words[0]};
}

}  // namespace continuo::platform
