#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "continuo/base/result.h"
#include "continuo/corpus/nsynth.h"

namespace continuo::corpus {

inline constexpr const char* kNsynthExamples = "examples.json";

bool is_tfrecord(const std::filesystem::path& path);

// The folders and files of a path of NSynth, by the name of their split.
std::map<std::string, std::filesystem::path> nsynth_parts(const std::filesystem::path& path);

// The notes of examples.json in its order, without their sound, in memory for one note. Errors: not_found, io,
// malformed (naming the note or the byte), and those of `take`.
Status read_nsynth_examples(const std::filesystem::path& folder, const std::function<Status(NsynthNote&&)>& take);

}  // namespace continuo::corpus
