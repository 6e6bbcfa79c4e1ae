#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"
#include "continuo/corpus/catalogue.h"

namespace continuo::corpus {

struct FetchOptions {
  std::filesystem::path output;  // a folder, made if missing
  std::string mirror;            // take MIRROR/NAME, NAME as in FetchedFile, instead of the entry's URLs; or empty
  bool keep_archives = false;
};

struct FetchedFile {
  std::string name;  // that it is kept under: an archive's begins with the collection's
  std::string url, sha256;
  std::uint64_t bytes = 0;
  bool sha256_known = false;      // compared with the catalogue's; false where the catalogue has none
  bool was_there = false;         // nothing was downloaded
  std::vector<std::string> made;  // names in the output folder: its own, or what it unpacks to
};

// Downloads an entry's files into the output and unpacks archives there. An interrupted download resumes where it
// ended; one that breaks off is tried again; files that are there already are left alone. Proxies are those of
// the environment (http_proxy, https_proxy, all_proxy, no_proxy). Nothing gets its own name before its checksum agrees
// and all of it is unpacked.
// Errors: unsupported (only by hand; says how), io (host cannot be reached, the server's answer, checksum), not_found
// (the server has no such file), malformed (archive), interrupted, no_space.
Result<std::vector<FetchedFile>> fetch(const CatalogueEntry& entry, const FetchOptions& options, Progress& progress);

}  // namespace continuo::corpus
