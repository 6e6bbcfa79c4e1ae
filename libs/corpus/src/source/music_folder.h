#pragma once

#include <filesystem>

#include "continuo/base/result.h"
#include "continuo/corpus/source.h"

namespace continuo::corpus {

// Whether a file is music that can be read, by its extension; of .xml by how it begins.
bool is_music_file(const std::filesystem::path& path);

// The music and the tables below a folder, as a source of the layout "folder". Links to folders are skipped, not
// followed. Folders that cannot be entered and files that cannot be read become rejects. Errors: io (the folder
// itself).
Result<Source> read_music_folder(const std::filesystem::path& folder);

}  // namespace continuo::corpus
