#include "continuo/corpus/fetch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "continuo/base/checksum.h"
#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"
#include "continuo/json/field_reader.h"

#include "fetch/download.h"
#include "fetch/unpack.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kNoteLimitBytes = std::uint64_t{1} << 20;

// Many repositories give their archives the same name, so the collection's comes before it.
std::string kept_name(const CatalogueEntry& entry, const CatalogueFile& file) {
  const std::string name(file.url.substr(file.url.find_last_of('/') + 1));
  const bool is_telling = !is_archive_name(name) || name.starts_with(entry.name);
  return is_telling ? name : std::string(entry.name) + "-" + name;
}

class Fetcher {
 public:
  Fetcher(const CatalogueEntry& entry, const FetchOptions& options, Progress& progress)
      : entry_(entry), options_(options), progress_(progress) {}

  Result<FetchedFile> fetch(const CatalogueFile& file) {
    FetchedFile fetched;
    fetched.name = kept_name(entry_, file);
    fetched.url = options_.mirror.empty() ? std::string(file.url) : options_.mirror + "/" + fetched.name;
    fetched.sha256_known = !file.sha256.empty();
    const fs::path path = options_.output / fetched.name;
    const bool is_archive = is_archive_name(path);
    if (is_archive && was_unpacked(file.sha256, fetched)) return fetched;
    if (!was_downloaded(file.sha256, path, fetched)) {
      CONTINUO_ASSIGN(fetched.sha256, download(fetched.url, path, std::string(file.sha256), progress_));
    }
    std::error_code ignored;
    fetched.bytes = fs::file_size(path, ignored);
    if (!is_archive) {
      fetched.made = {fetched.name};
    } else {
      CONTINUO_TRY(unpack_into_output(path, fetched));
    }
    return fetched;
  }

 private:
  // A note that an archive's content is there, all of it.
  fs::path note_path(const FetchedFile& fetched) const {
    return options_.output / ("." + fetched.name + ".unpacked.json");
  }

  bool was_unpacked(std::string_view sha256, FetchedFile& fetched) const {
    const auto text = read_text_file(note_path(fetched), kNoteLimitBytes);
    const auto note = text.ok() ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
    json::FieldReader fields(note, fetched.name);
    fields.read("made", fetched.made);
    fields.read_if_present("sha256", fetched.sha256);
    fields.read_if_present("bytes", fetched.bytes);
    if (!fields.status().ok()) return false;
    std::error_code ignored;
    for (const std::string& name : fetched.made)
      if (!fs::exists(options_.output / name, ignored)) return false;
    fetched.was_there = sha256.empty() || fetched.sha256 == sha256;
    return fetched.was_there;
  }

  // A file under its own name is whole; an archive stays when it could not be unpacked.
  static bool was_downloaded(std::string_view sha256, const fs::path& path, FetchedFile& fetched) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return false;
    const auto found = sha256_of_file(path);
    if (!found.ok() || (!sha256.empty() && *found != sha256)) return false;
    fetched.sha256 = *found;
    fetched.was_there = true;
    return true;
  }

  // Through a folder of another name, so that what has its own name is whole.
  Status unpack_into_output(const fs::path& archive, FetchedFile& fetched) const {
    const fs::path work = options_.output / ("." + fetched.name + ".unpacking");
    std::error_code code;
    fs::remove_all(work, code);
    if (!code) fs::create_directory(work, code);
    if (code) return platform::error_from_errno(code.value(), options_.output, "cannot be written");
    Status done = unpack(archive, work, progress_);
    const bool broken =
        !done.ok() && (done.error().code == ErrorCode::malformed || done.error().code == ErrorCode::wrong_format);
    if (broken) fs::remove(archive, code);  // it would be taken for whole the next time
    if (done.ok()) done = move_children(work, fetched.made);
    fs::remove_all(work, code);
    CONTINUO_TRY(done);
    const nlohmann::json note = {
        {"url", fetched.url}, {"sha256", fetched.sha256}, {"bytes", fetched.bytes}, {"made", fetched.made}};
    CONTINUO_TRY(write_file(note_path(fetched), note.dump(2) + "\n"));
    if (!options_.keep_archives) fs::remove(archive, code);
    return {};
  }

  Status move_children(const fs::path& work, std::vector<std::string>& names) const {
    names.clear();
    std::error_code code;
    for (fs::directory_iterator child(work, code); !code && child != fs::directory_iterator(); child.increment(code))
      names.push_back(child->path().filename().string());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (!fs::exists(options_.output / name, code)) continue;
      return Error{ErrorCode::io,
                   "is there already and is not replaced; remove it or choose another folder",
                   {},
                   (options_.output / name).string()};
    }
    for (const std::string& name : names) CONTINUO_TRY(platform::rename_over(work / name, options_.output / name));
    return {};
  }

  const CatalogueEntry& entry_;
  const FetchOptions& options_;
  Progress& progress_;
};

}  // namespace

Result<std::vector<FetchedFile>> fetch(const CatalogueEntry& entry, const FetchOptions& options, Progress& progress) {
  if (entry.files.empty()) {
    return Error{ErrorCode::unsupported,
                 std::string(entry.name) + " cannot be downloaded: " + std::string(entry.by_hand),
                 {},
                 {}};
  }
  std::error_code code;
  fs::create_directories(options.output, code);
  if (code) return platform::error_from_errno(code.value(), options.output, "cannot be written");
  std::vector<FetchedFile> fetched;
  Fetcher fetcher(entry, options, progress);
  for (const CatalogueFile& file : entry.files) {
    CONTINUO_ASSIGN(FetchedFile one, fetcher.fetch(file));
    fetched.push_back(std::move(one));
  }
  return fetched;
}

}  // namespace continuo::corpus
