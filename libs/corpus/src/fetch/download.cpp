#include "fetch/download.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "continuo/base/checksum.h"
#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"

#include "fetch/curl_library.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

constexpr long kConnectSeconds = 30, kStalledSeconds = 60;
constexpr int kAttemptsWithoutProgress = 3;
constexpr long kRangeNotSatisfiable = 416, kPartialContent = 206;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// One file's way over the network.
class Transfer {
 public:
  Transfer(const CurlLibrary& library, const std::string& url, const fs::path& part, Progress& progress)
      : library_(library), url_(url), part_(part), tag_path_(part.string() + ".tag"), progress_(progress) {}

  Status run() {
    int idle = 0;
    while (true) {
      const std::uint64_t before = size_of_part();
      const CURLcode code = attempt();
      if (stopped_) return Error{ErrorCode::interrupted, "stopped on request; the same command resumes", {}, {}};
      if (write_error_ != 0) return platform::error_from_errno(write_error_, part_, "cannot be written");
      if (answer_ == kRangeNotSatisfiable) {  // what is there is not a beginning of what the server has
        forget();
        if (before == 0) return failure("the server refuses to send it");
        continue;
      }
      if (code == CURLE_OK && answer_ < 400) return {};
      if (code == CURLE_OK || !may_try_again(code)) return error_of(code);
      idle = size_of_part() > before ? 0 : idle + 1;
      if (idle >= kAttemptsWithoutProgress) return error_of(code);
    }
  }

  void forget() const {
    std::error_code ignored;
    fs::remove(part_, ignored);
    fs::remove(tag_path_, ignored);
  }
  void forget_tag() const {
    std::error_code ignored;
    fs::remove(tag_path_, ignored);
  }

 private:
  std::uint64_t size_of_part() const {
    std::error_code code;
    const auto size = fs::file_size(part_, code);
    return code ? 0 : size;
  }

  CURLcode attempt() {
    answer_ = 0;
    new_tag_.clear();
    resumed_from_ = size_of_part();
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(library_.easy_init(), library_.easy_cleanup);
    if (!curl) return CURLE_FAILED_INIT;
    curl_ = curl.get();
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr, library_.slist_free_all);
    if (resumed_from_ > 0) {
      // Without a tag the rest might be of another file; a checksum may show that later.
      const auto tag = read_text_file(tag_path_, 1 << 12);
      if (tag.ok()) headers.reset(library_.slist_append(nullptr, ("If-Range: " + *tag).c_str()));
      library_.easy_setopt(curl_, CURLOPT_RANGE, (std::to_string(resumed_from_) + "-").c_str());
    }
    detail_[0] = '\0';
    const auto set = library_.easy_setopt;
    set(curl_, CURLOPT_ERRORBUFFER, detail_.data());
    set(curl_, CURLOPT_URL, url_.c_str());
    set(curl_, CURLOPT_HTTPHEADER, headers.get());
    set(curl_, CURLOPT_FOLLOWLOCATION, 1L);
    set(curl_, CURLOPT_MAXREDIRS, 10L);
    set(curl_, CURLOPT_NOSIGNAL, 1L);
    set(curl_, CURLOPT_USERAGENT, "continuo");
    set(curl_, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(curl_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(curl_, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
    set(curl_, CURLOPT_HEADERFUNCTION, on_header);
    set(curl_, CURLOPT_HEADERDATA, this);
    set(curl_, CURLOPT_WRITEFUNCTION, on_bytes);
    set(curl_, CURLOPT_WRITEDATA, this);
    set(curl_, CURLOPT_NOPROGRESS, 0L);
    set(curl_, CURLOPT_XFERINFOFUNCTION, on_progress);
    set(curl_, CURLOPT_XFERINFODATA, this);
    const CURLcode code = library_.easy_perform(curl_);
    library_.easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer_);
    if (file_ && std::fclose(file_.release()) != 0) write_error_ = errno;
    return code;
  }

  static std::size_t on_header(char* text, std::size_t size, std::size_t count, void* self) {
    constexpr std::string_view kTag = "etag:";
    std::string_view line(text, size * count);
    auto& transfer = *static_cast<Transfer*>(self);
    if (line.starts_with("HTTP/")) transfer.new_tag_.clear();  // of a redirection, perhaps
    const bool is_tag = line.size() > kTag.size() &&
                        std::equal(kTag.begin(), kTag.end(), line.begin(),
                                   [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    if (is_tag) {
      line.remove_prefix(kTag.size());
      const auto begin = line.find_first_not_of(' '), end = line.find_last_not_of("\r\n ");
      // A weak tag does not vouch for bytes.
      if (begin <= end && line[begin] == '"') transfer.new_tag_ = line.substr(begin, end - begin + 1);
    }
    return size * count;
  }

  // Opens the part when the first bytes come: then it is known whether they continue it or start again.
  bool open_part() {
    library_.easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer_);
    const bool resumes = resumed_from_ > 0 && (answer_ == kPartialContent || answer_ == 0);
    if (!resumes) resumed_from_ = 0;
    file_.reset(std::fopen(part_.c_str(), resumes ? "ab" : "wb"));
    if (!file_) return false;
    if (resumes) return true;
    forget_tag();
    return new_tag_.empty() || write_file(tag_path_, new_tag_).ok();
  }

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    long answer = 0;
    transfer.library_.easy_getinfo(transfer.curl_, CURLINFO_RESPONSE_CODE, &answer);
    if (answer >= 400) return size * count;  // the server's page about it
    const bool written =
        (transfer.file_ || transfer.open_part()) && std::fwrite(bytes, size, count, transfer.file_.get()) == count;
    if (!written) transfer.write_error_ = errno;
    return written ? size * count : 0;
  }

  static int on_progress(void* self, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    const auto mebibytes = [&](curl_off_t bytes) {
      return std::to_string((transfer.resumed_from_ + std::uint64_t(bytes)) >> 20);
    };
    const std::uint64_t whole = total > 0 ? transfer.resumed_from_ + std::uint64_t(total) : 0;
    transfer.progress_.update(transfer.resumed_from_ + std::uint64_t(done), whole, mebibytes(done) + " MiB");
    transfer.stopped_ = transfer.progress_.stop_requested();
    return transfer.stopped_ ? 1 : 0;
  }

  static bool may_try_again(CURLcode code) {
    return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
           code == CURLE_OPERATION_TIMEDOUT || code == CURLE_SEND_ERROR;
  }

  Error failure(std::string what, ErrorCode code = ErrorCode::io) const { return {code, std::move(what), {}, url_}; }

  Error error_of(CURLcode code) const {
    if (code == CURLE_OK)
      return failure("the server answers " + std::to_string(answer_),
                     answer_ == 404 || answer_ == 410 ? ErrorCode::not_found : ErrorCode::io);
    const std::string reason = detail_[0] != '\0' ? detail_.data() : library_.easy_strerror(code);
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY ||
        code == CURLE_OPERATION_TIMEDOUT)
      return failure("the host cannot be reached (" + reason + "); behind a proxy, set https_proxy");
    return failure("the transfer fails (" + reason + ")");
  }

  const CurlLibrary& library_;
  const std::string& url_;
  const fs::path part_, tag_path_;
  Progress& progress_;
  CURL* curl_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> detail_{};  // libcurl's words for what went wrong
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::string new_tag_;
  std::uint64_t resumed_from_ = 0;
  long answer_ = 0;
  int write_error_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<std::string> download(const std::string& url, const fs::path& path, const std::string& sha256,
                             Progress& progress) {
  CONTINUO_ASSIGN(const CurlLibrary* const library, CurlLibrary::get());
  static const CURLcode ready = library->global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return Error{ErrorCode::io, "libcurl does not start", {}, url};
  const fs::path part = path.string() + ".part";
  Transfer transfer(*library, url, part, progress);
  CONTINUO_TRY(transfer.run());
  CONTINUO_ASSIGN(std::string found, sha256_of_file(part));
  if (!sha256.empty() && found != sha256) {
    transfer.forget();
    return Error{
        ErrorCode::io, "is not the file that was published (SHA-256 " + found + ", not " + sha256 + ")", {}, url};
  }
  CONTINUO_TRY(platform::rename_over(part, path));
  transfer.forget_tag();
  return found;
}

}  // namespace continuo::corpus
