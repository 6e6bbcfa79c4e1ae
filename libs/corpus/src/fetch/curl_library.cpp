#include "fetch/curl_library.h"

#include "continuo/base/platform/platform.h"

namespace continuo::corpus {
namespace {

Result<CurlLibrary> load() {
  CONTINUO_ASSIGN(const auto library, platform::SharedLibrary::load(CONTINUO_CURL_LIBRARY));
  CurlLibrary curl;
  CONTINUO_TRY(library.bind(curl.global_init, "curl_global_init"));
  CONTINUO_TRY(library.bind(curl.easy_init, "curl_easy_init"));
  CONTINUO_TRY(library.bind(curl.easy_cleanup, "curl_easy_cleanup"));
  CONTINUO_TRY(library.bind(curl.easy_setopt, "curl_easy_setopt"));
  CONTINUO_TRY(library.bind(curl.easy_perform, "curl_easy_perform"));
  CONTINUO_TRY(library.bind(curl.easy_getinfo, "curl_easy_getinfo"));
  CONTINUO_TRY(library.bind(curl.easy_strerror, "curl_easy_strerror"));
  CONTINUO_TRY(library.bind(curl.slist_append, "curl_slist_append"));
  CONTINUO_TRY(library.bind(curl.slist_free_all, "curl_slist_free_all"));
  return curl;
}

}  // namespace

Result<const CurlLibrary*> CurlLibrary::get() {
  static const Result<CurlLibrary> loaded = load();
  if (!loaded.ok()) return loaded.error();
  return &*loaded;
}

}  // namespace continuo::corpus
