#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

namespace continuo::dataset {

struct CatalogueFile {
  std::string_view url;
  std::string_view sha256;  // 64 hexadecimal digits; empty where its authors do not publish one
};

// A published collection that list_source() knows by its layout.
struct CatalogueEntry {
  std::string_view name, what, licence, split;
  std::string_view homepage;
  std::span<const CatalogueFile> files;  // empty where it cannot be had without an account or by hand
  std::string_view by_hand;              // how to get it then
};

std::span<const CatalogueEntry> catalogue();
// Null for a name that the catalogue does not know.
const CatalogueEntry* find_in_catalogue(std::string_view name);

struct GetOptions {
  std::filesystem::path output;  // a folder, made if missing
  std::string mirror;            // take MIRROR/NAME, NAME as in FetchedFile, instead of the entry's URLs; or empty
  bool keep_archives = false;
};

struct FetchedFile {
  std::string name;  // under which it is kept: an archive's begins with the collection's
  std::string url, sha256;
  std::uint64_t bytes = 0;
  bool sha256_known = false;      // compared with the catalogue's; otherwise nobody has
  bool was_there = false;         // nothing was downloaded
  std::vector<std::string> made;  // what stands in the output folder for it: its own name, or what it unpacks to
};

// Downloads an entry's files into the output and unpacks archives there. A download that was stopped goes on where it
// ended; one that breaks off is tried again; files that are there already are left alone. Proxies are those of
// the environment (http_proxy, https_proxy, all_proxy, no_proxy). Nothing stands under its own name before its checksum
// agrees and all of it is unpacked.
// Errors: unsupported (only by hand; says how), io (host cannot be reached, the server's answer, checksum), not_found
// (the server has no such file), malformed (archive), interrupted, no_space.
Result<std::vector<FetchedFile>> get(const CatalogueEntry& entry, const GetOptions& options, Progress& progress);

}  // namespace continuo::dataset
