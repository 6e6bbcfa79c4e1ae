// The connection of processes by libtorch's c10d and gloo, which Debian packages by themselves (libgloo-dev).
#include "ranks/rank_group.h"

#ifndef USE_C10D_GLOO

namespace continuo::train {

#ifdef CONTINUO_OTHER_TORCH
constexpr const char* kWhy = "it was made with CONTINUO_TORCH, whose libtorch comes without the headers of gloo";
#else
constexpr const char* kWhy = "libgloo-dev was missing when it was made";
#endif

Result<std::unique_ptr<RankGroup>> join(const Launch& launch, Progress&) {
  return Error{ErrorCode::unsupported,
               "this build trains in one process alone, not in " + std::to_string(launch.size) + ": " + kWhy};
}

}  // namespace continuo::train

#else

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <torch/torch.h>
#include <unistd.h>

#include "continuo/base/platform/platform.h"

#include "ranks/watch.h"

namespace continuo::train {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStartLimit(300'000), kAnswerLimit(10'000);
constexpr milliseconds kNoLimit(std::chrono::hours(24 * 30));  // of sums: the watch knows better who still lives

constexpr const char* kLost =
    "another process of this training run has ended or cannot be reached, so the run ends here; what has been saved of "
    "it, 'continuo train --resume' continues";

// The user does not want to wait any longer.
struct Interrupted {};

// Calls `is_done` until it is true. Errors: Interrupted, where a stop is requested; `problem()` after kStartLimit.
template <typename IsDone, typename Problem>
void await(Progress& progress, const IsDone& is_done, const Problem& problem) {
  const auto begin = std::chrono::steady_clock::now();
  while (!is_done()) {
    if (progress.stop_requested()) throw Interrupted();
    progress.update(0, 0, "waiting for the other processes");
    if (std::chrono::steady_clock::now() - begin > kStartLimit) throw std::runtime_error(problem());
    std::this_thread::sleep_for(milliseconds(50));
  }
}

using Store = c10::intrusive_ptr<c10d::TCPStore>;

Store open_store(const Launch& launch, bool serves, milliseconds limit) {
  const platform::MutedErrors muted;  // libtorch reports each attempt in lines of its own
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(launch.port);
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = limit;
  Store store = c10::make_intrusive<c10d::TCPStore>(launch.address, options);
  store->setTimeout(kStartLimit);
  return store;
}

bool is_known(const std::string& host) {
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) return false;
  freeaddrinfo(found);
  return true;
}

// That of the first process, once it is there.
Store find_store(const Launch& launch, Progress& progress) {
  if (!is_known(launch.address)) throw std::runtime_error("no host of this name is known");
  if (launch.rank == 0) return open_store(launch, true, kStartLimit);
  Store store;
  await(
      progress,
      [&] {
        try {
          store = open_store(launch, false, milliseconds(1000));
        } catch (const std::exception&) {
          return false;
        }
        return true;
      },
      [] { return "the first one does not listen there"; });
  return store;
}

void await_all(c10d::TCPStore& store, const Launch& launch, Progress& progress) {
  if (store.add("continuo/rank/" + std::to_string(launch.rank), 1) > 1)
    throw std::runtime_error("there are two with the number " + std::to_string(launch.rank));
  store.add("continuo/sizes", launch.size);
  std::int64_t here = store.add("continuo/here", 1);
  await(
      progress,
      [&] {
        here = store.add("continuo/here", 0);
        return here >= launch.size;
      },
      [&] { return "only " + std::to_string(here) + " of them have come"; });
  if (store.add("continuo/sizes", 0) != std::int64_t(launch.size) * launch.size)
    throw std::runtime_error("they do not agree on how many they are");
}

// The address of this host on the way to another one; empty where that is not known.
std::string own_address(const Launch& launch) {
  if (launch.on_this_host == launch.size) return "127.0.0.1";
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(launch.address.c_str(), std::to_string(launch.port).c_str(), &hints, &found) != 0) return {};
  std::string address;
  const int handle = socket(AF_INET, SOCK_DGRAM, 0);  // connecting one sends nothing
  sockaddr_in own{};
  socklen_t size = sizeof own;
  char text[INET_ADDRSTRLEN] = {};
  if (handle >= 0 && connect(handle, found->ai_addr, found->ai_addrlen) == 0 &&
      getsockname(handle, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
      inet_ntop(AF_INET, &own.sin_addr, text, sizeof text) != nullptr)
    address = text;
  if (handle >= 0) close(handle);
  freeaddrinfo(found);
  return address;
}

std::shared_ptr<::gloo::transport::Device> device_for(const Launch& launch) {
  if (const char* name = std::getenv("GLOO_SOCKET_IFNAME"); name != nullptr && *name != '\0')
    return c10d::ProcessGroupGloo::createDeviceForInterface(name);
  const std::string address = own_address(launch);
  return address.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                         : c10d::ProcessGroupGloo::createDeviceForHostname(address);
}

constexpr const char* kStopKey = "continuo/stop";
std::string beat_key(int rank) { return "continuo/beat/" + std::to_string(rank); }

[[noreturn]] void end_process(int rank, int size) {
  std::fprintf(
      stderr,
      "continuo: error: process %d of %d has not answered for %d s, so the run ends here; what has been saved of it, "
      "'continuo train --resume' continues\n",
      rank + 1, size, int(kAnswerLimit.count() / 1000));
  std::_Exit(1);
}

// The numbers in place, as c10d takes them.
template <typename Number>
std::vector<at::Tensor> views(std::span<Number> numbers, at::ScalarType type) {
  return {torch::from_blob(numbers.data(), {static_cast<std::int64_t>(numbers.size())}, type)};
}

class GlooGroup final : public RankGroup {
 public:
  GlooGroup(const Launch& launch, Progress& progress)
      : RankGroup(launch),
        store_(find_store(launch, progress)),
        beats_((await_all(*store_, launch, progress), open_store(launch, false, kAnswerLimit))),
        watch_(launch.rank, launch.size, kAnswerLimit,
               {.beat =
                    [this] {
                      beats_->add(beat_key(this->rank()), 1);
                      const std::int64_t own = wants_to_stop_.exchange(false) ? 1 : 0;
                      if (beats_->add(kStopKey, own) > 0) is_asked_to_stop_ = true;
                    },
                .read = [this](int rank) { return beats_->add(beat_key(rank), 0); }},
               [size = launch.size](int rank) { end_process(rank, size); }),
        group_(connect_all(launch)) {}

  void broadcast(std::span<std::byte> bytes) override {
    if (bytes.empty()) return;
    std::vector<at::Tensor> tensors = views(bytes, torch::kUInt8);
    finish([&] { return group_->broadcast(tensors); });
  }

  void begin_sum(std::span<float> values) override {
    std::vector<at::Tensor> tensors = views(values, torch::kFloat32);
    throwing([&] { begun_.push_back(group_->allreduce(tensors)); });
  }

  void finish_sums() override {
    throwing([&] {
      for (const auto& work : begun_) work->wait();
    });
    begun_.clear();
  }

  void sum(std::span<double> values) override {
    std::vector<at::Tensor> tensors = views(values, torch::kFloat64);
    finish([&] { return group_->allreduce(tensors); });
  }

  void ask_to_stop() override { wants_to_stop_ = true; }
  bool is_asked_to_stop() const override { return is_asked_to_stop_; }

  void part() override {
    watch_.stop();
    double nothing = 0;
    sum(std::span(&nothing, 1));
  }

 private:
  c10::intrusive_ptr<c10d::ProcessGroupGloo> connect_all(const Launch& launch) {
    auto options = c10d::ProcessGroupGloo::Options::create(kNoLimit);
    options->devices.push_back(device_for(launch));
    return c10::make_intrusive<c10d::ProcessGroupGloo>(store_, launch.rank, launch.size, options);
  }

  template <typename Work>
  static void throwing(const Work& work) {
    try {
      work();
    } catch (const std::exception&) {
      throw RankLost(kLost);
    }
  }
  template <typename Begin>
  static void finish(const Begin& begin) {
    throwing([&] { begin()->wait(); });
  }

  Store store_, beats_;
  std::atomic<bool> wants_to_stop_ = false, is_asked_to_stop_ = false;
  Watch watch_;  // lives before there is a group: a process can end while the others connect to it
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  std::vector<c10::intrusive_ptr<c10d::Work>> begun_;
};

}  // namespace

Result<std::unique_ptr<RankGroup>> join(const Launch& launch, Progress& progress) {
  const std::string place = launch.address + ":" + std::to_string(launch.port);
  try {
    return std::unique_ptr<RankGroup>(std::make_unique<GlooGroup>(launch, progress));
  } catch (const Interrupted&) {
    return Error{ErrorCode::interrupted, "stopped while waiting for the other processes", {}, place};
  } catch (const std::exception& error) {
    std::string what = error.what();
    what = what.find("already in use") == std::string::npos
               ? what.substr(0, what.find('\n'))
               : "the port is taken on this host; the variable MASTER_PORT names another";
    return Error{ErrorCode::io,
                 "the " + std::to_string(launch.size) + " processes of the run cannot be connected: " + what,
                 {},
                 place};
  }
}

}  // namespace continuo::train

#endif
