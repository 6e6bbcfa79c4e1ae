#include "mxl_archive.h"

#include <memory>
#include <pugixml.hpp>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

#include "continuo/notation/musicxml.h"

namespace continuo::notation {
namespace {

constexpr std::size_t kMaxEntries = 1000;
constexpr std::size_t kBlockBytes = std::size_t{1} << 16;
constexpr std::string_view kContainer = "META-INF/container.xml";

Error archive_error(struct archive* handle) {
  const char* text = archive_error_string(handle);
  const std::string reason = text != nullptr ? text : "unknown reason";
  const bool ends_early = reason.find("runcated") != reason.npos;
  return {ends_early ? ErrorCode::truncated : ErrorCode::malformed, "cannot be unpacked (" + reason + ")", {}, {}};
}

// One pass over a zip in memory.
class Zip {
 public:
  explicit Zip(std::string_view bytes) : reader_(archive_read_new(), archive_read_free), bytes_(bytes) {}

  Status open() {
    archive_read_support_format_zip(reader_.get());
    if (archive_read_open_memory(reader_.get(), bytes_.data(), bytes_.size()) != ARCHIVE_OK)
      return archive_error(reader_.get());
    return {};
  }

  // Goes to the next file; false after the last.
  Result<bool> next() {
    while (true) {
      struct archive_entry* entry = nullptr;
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) return false;
      if (status < ARCHIVE_WARN) return archive_error(reader_.get());
      if (++entries_ > kMaxEntries) return Error{ErrorCode::too_large, "the zip has too many entries", {}, {}};
      const char* name = archive_entry_pathname(entry);
      name_ = name != nullptr ? name : "";
      if (archive_entry_filetype(entry) == AE_IFREG) return true;
    }
  }

  // Empty where the name is not ASCII and the locale is plain C: libarchive does not give it then.
  const std::string& name() const { return name_; }

  // The content of the file at hand.
  Result<std::string> content() {
    std::string text;
    while (true) {
      const std::size_t at = text.size();
      text.resize(at + kBlockBytes);
      const la_ssize_t count = archive_read_data(reader_.get(), text.data() + at, kBlockBytes);
      if (count < 0) return archive_error(reader_.get());
      text.resize(at + static_cast<std::size_t>(count));
      if (count == 0) return text;
      if (text.size() > kMaxXmlBytes) return Error{ErrorCode::too_large, "unpacks to more than 64 MiB", {}, {}};
    }
  }

 private:
  std::unique_ptr<struct archive, int (*)(struct archive*)> reader_;
  std::string_view bytes_;
  std::string name_;
  std::size_t entries_ = 0;
};

std::string rootfile_in(const std::string& container) {
  pugi::xml_document document;
  document.load_buffer(container.data(), container.size());
  return document.child("container").child("rootfiles").child("rootfile").attribute("full-path").value();
}

bool is_score_name(std::string_view name) {
  return !name.empty() && !name.starts_with("META-INF/") && !name.starts_with("__MACOSX/") &&
         (name.ends_with(".xml") || name.ends_with(".musicxml"));
}

// The content of the first entry whose name is wanted; empty where there is none.
template <typename IsWanted>
Result<std::string> content_where(std::string_view bytes, const IsWanted& is_wanted) {
  Zip zip(bytes);
  CONTINUO_TRY(zip.open());
  while (true) {
    CONTINUO_ASSIGN(const bool is_there, zip.next());
    if (!is_there) return std::string();
    if (is_wanted(std::string_view(zip.name()))) return zip.content();
  }
}

// The first entry without a readable name whose content is a score; empty where there is none.
Result<std::string> nameless_score(std::string_view bytes) {
  Zip zip(bytes);
  CONTINUO_TRY(zip.open());
  while (true) {
    CONTINUO_ASSIGN(const bool is_there, zip.next());
    if (!is_there) return std::string();
    if (!zip.name().empty()) continue;
    CONTINUO_ASSIGN(std::string content, zip.content());
    if (looks_like_musicxml(std::string_view(content).substr(0, 4096))) return content;
  }
}

}  // namespace

bool is_zip(std::string_view bytes) { return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06"); }

Result<std::string> score_of_mxl(std::string_view bytes) {
  // Containers that name another file than there is are common: their quoting is broken.
  CONTINUO_ASSIGN(const std::string container,
                  content_where(bytes, [](std::string_view name) { return name == kContainer; }));
  const std::string named = rootfile_in(container);
  CONTINUO_ASSIGN(std::string score,
                  content_where(bytes, [&](std::string_view name) { return !named.empty() && name == named; }));
  if (score.empty()) {
    CONTINUO_ASSIGN(score, content_where(bytes, is_score_name));
  }
  if (score.empty()) {
    CONTINUO_ASSIGN(score, nameless_score(bytes));
  }
  if (score.empty()) return Error{ErrorCode::wrong_format, "the zip holds no score", {}, {}};
  return score;
}

}  // namespace continuo::notation
