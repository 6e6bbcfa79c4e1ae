#include "shards/shard_name.h"

#include <cstdio>

namespace continuo::dataset {

std::string to_string(Shard shard) {
  char text[32];
  std::snprintf(text, sizeof text, "%05d-of-%05d", shard.index, shard.count);
  return text;
}

std::string shard_name(Shard shard) { return "shard-" + to_string(shard) + ".pieces"; }

std::optional<Shard> shard_of_name(std::string_view name) {
  Shard shard;
  if (std::sscanf(std::string(name).c_str(), "shard-%5d-of-%5d.pieces", &shard.index, &shard.count) != 2)
    return std::nullopt;
  if (shard.index < 0 || shard.index >= shard.count || name != shard_name(shard)) return std::nullopt;
  return shard;
}

}  // namespace continuo::dataset
