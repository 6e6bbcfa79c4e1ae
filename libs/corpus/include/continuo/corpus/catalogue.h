#pragma once

#include <span>
#include <string_view>

namespace continuo::corpus {

struct CatalogueFile {
  std::string_view url;
  std::string_view sha256;  // 64 hexadecimal digits; empty where its authors do not publish one
};

// A published collection, which list_source() recognises by its layout.
struct CatalogueEntry {
  std::string_view name, what, licence, split;
  std::string_view homepage;
  std::span<const CatalogueFile> files;  // empty where it needs an account
  std::string_view by_hand;              // how to get it then
};

std::span<const CatalogueEntry> catalogue();
// Null for a name that the catalogue does not know.
const CatalogueEntry* find_in_catalogue(std::string_view name);

}  // namespace continuo::corpus
