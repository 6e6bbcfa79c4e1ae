#include "ranks/command.h"

#include <utility>

namespace continuo::train {
namespace {

template <typename T>
std::span<std::byte> bytes_of(T& value) {
  return std::as_writable_bytes(std::span(&value, 1));
}

}  // namespace

void send(RankGroup& ranks, Command command) { ranks.broadcast(bytes_of(command)); }

Command receive(RankGroup& ranks) {
  Command command;
  ranks.broadcast(bytes_of(command));
  return command;
}

void send(RankGroup& ranks, std::string text) {
  std::uint64_t size = text.size();
  ranks.broadcast(bytes_of(size));
  ranks.broadcast(std::as_writable_bytes(std::span(text)));
}

std::string receive_text(RankGroup& ranks) {
  std::uint64_t size = 0;
  ranks.broadcast(bytes_of(size));
  std::string text(size, '\0');
  ranks.broadcast(std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace continuo::train
