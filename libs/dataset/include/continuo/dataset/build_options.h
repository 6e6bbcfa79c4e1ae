#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "continuo/dataset/filters.h"
#include "continuo/dataset/split.h"
#include "continuo/dataset/split_shares.h"

namespace continuo::tokens {
class Tokenizer;
}

namespace continuo::dataset {

struct BuildOptions {
  std::filesystem::path source;    // a folder of music files or a list; see corpus::list_source() for known layouts
  std::filesystem::path output;    // a folder, made if missing
  bool replace = false;            // replace a data set in `output` that was built otherwise
  std::string tokenizer = "remi";  // a name, or a file; see tokens::make_tokenizer()
  // One that is made already, as that of a model, takes the place of `tokenizer`.
  std::shared_ptr<const tokens::Tokenizer> made_tokenizer;

  std::optional<SplitShares> split;          // of each split, by content; none: the official split, else SplitShares{}
  std::uint64_t seed = 0;                    // of a split by content
  int shard_index = 0, shard_count = 1;      // this process does files index % count == shard_index
  int transpose_down = 0, transpose_up = 0;  // training pieces are also stored moved by -down..+up semitones;
                                             // drums stay, copies that would leave the range of MIDI are left out
  Filters filters;

  // Where pieces are split by content.
  SplitShares hash_shares() const { return split.value_or(SplitShares{}); }
};

struct BuildReport {
  std::string layout, licence, split_rule;
  int vocabulary_size = 0;
  // With the moved copies. Of one shard of several: 0, since only merging finds duplicates.
  std::array<std::uint64_t, kSplitCount> pieces{}, tokens{};
  std::uint64_t files = 0;                       // of this shard, or of the whole
  std::uint64_t notes = 0;                       // without the moved copies
  bool complete_before = false;                  // `output` held this data set already, so nothing was done
  std::uint64_t resumed_pieces = 0;              // taken over from a process that was stopped or killed
  std::map<std::string, std::uint64_t> rejects;  // by the error code's name; one by one in OUTPUT/rejects.csv
  std::map<std::string, std::string> examples;   // "PATH: reason" of the first of each
  std::map<std::string, std::uint64_t> skipped;  // left out by rule, not for a defect
  // What files have and tokens cannot ("cue notes"), of those that this process has read.
  std::map<std::string, std::uint64_t> left_out;
  std::vector<std::string> warnings;  // sentences without a full stop
};

}  // namespace continuo::dataset
