#pragma once

#include <curl/curl.h>

#include "continuo/base/result.h"

namespace continuo::corpus {

// What we use of libcurl, by its own names less "curl_". It is loaded with the first download (ADR 0007).
struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;

  // Loaded once, thread-safe. Errors: not_found, unsupported (a library without one of these).
  static Result<const CurlLibrary*> get();
};

}  // namespace continuo::corpus
