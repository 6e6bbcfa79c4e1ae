#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace continuo::dataset {

// Which part of a build a process does: files index % count == index.
struct Shard {
  int index = 0, count = 1;
  friend bool operator==(const Shard&, const Shard&) = default;
};

// "00000-of-00003"
std::string to_string(Shard shard);
// "shard-00000-of-00003.pieces"
std::string shard_name(Shard shard);
// The shard that a file of such a name is, if it is one.
std::optional<Shard> shard_of_name(std::string_view name);

}  // namespace continuo::dataset
