#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/corpus/fetch.h"

#include "commands.h"

namespace continuo::app {
namespace {

Status list(const cli::Arguments&, cli::Console& console) {
  nlohmann::json entries = nlohmann::json::array();
  for (const corpus::CatalogueEntry& entry : corpus::catalogue()) {
    const std::string name(entry.name);
    console.line(name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + std::string(entry.what));
    console.line("            split " + std::string(entry.split) + "; licence " + std::string(entry.licence));
    nlohmann::json files = nlohmann::json::array();
    for (const corpus::CatalogueFile& file : entry.files) files.push_back({{"url", file.url}, {"sha256", file.sha256}});
    console.line("            " +
                 (entry.files.empty() ? std::string(entry.by_hand) : "continuo dataset get " + name + " -o DIR"));
    entries.push_back({{"name", name},
                       {"what", entry.what},
                       {"licence", entry.licence},
                       {"split", entry.split},
                       {"homepage", entry.homepage},
                       {"files", files}});
  }
  console.line("any folder of music files, or a text file that lists them, can be used too");
  console.result() = {{"catalogue", entries}};
  return {};
}

Status get(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& name = arguments.positional();
  const corpus::CatalogueEntry* entry = corpus::find_in_catalogue(name);
  if (entry == nullptr)
    return Error{ErrorCode::not_found, "is not in the catalogue; see 'continuo dataset list'", {}, name};
  corpus::FetchOptions options;
  options.output = arguments.path("output");
  if (arguments.has("mirror")) options.mirror = arguments.text("mirror");
  options.keep_archives = arguments.flag("keep_archives");
  const auto fetched = [&] {
    cli::TerminalProgress progress(name);
    return corpus::fetch(*entry, options, progress);
  }();
  if (!fetched.ok()) return fetched.error();
  nlohmann::json files = nlohmann::json::array();
  for (const corpus::FetchedFile& file : *fetched) {
    console.line(file.name + ": " + grouped(file.bytes) + " bytes, " +
                 (file.was_there ? "already there" : "downloaded"));
    console.line("  SHA-256 " + file.sha256 +
                 (file.sha256_known ? ", as published" : "; its authors publish none to compare with"));
    files.push_back({{"name", file.name},
                     {"url", file.url},
                     {"bytes", file.bytes},
                     {"sha256", file.sha256},
                     {"sha256_known", file.sha256_known},
                     {"was_there", file.was_there},
                     {"made", file.made}});
    for (const std::string& made : file.made) console.line("  " + (options.output / made).string());
  }
  console.line("licence: " + std::string(entry->licence));
  console.result() = {
      {"name", name}, {"output", options.output.string()}, {"licence", entry->licence}, {"files", files}};
  return {};
}

}  // namespace

cli::Command dataset_list_command() {
  return {{.name = "dataset list",
           .summary = "List known collections with their licences and splits",
           .description = "Prints for each collection what it holds, its official split, its licence, and the command "
                          "that downloads it or, where its authors ask for a form, what to do by hand.",
           .examples = {"continuo dataset list"}},
          list,
          {}};
}

cli::Command dataset_get_command() {
  return {
      {.name = "dataset get",
       .summary = "Download a collection and unpack it",
       .description =
           "Prints the folders that it makes in DIR, which 'continuo dataset build' takes. A download that was "
           "stopped continues when the same command is given again. Proxies are taken from the "
           "environment: https_proxy, http_proxy, all_proxy, no_proxy.",
       .positionals = {{"NAME", "Collection of 'continuo dataset list'"}},
       .options = {{.name = "output",
                    .letter = 'o',
                    .type = cli::Type::kPath,
                    .unit = "DIR",
                    .help = "Folder to download to",
                    .required = true},
                   {.name = "mirror", .unit = "URL", .help = "Download URL/FILE instead of the original addresses"},
                   {.name = "keep_archives", .type = cli::Type::kFlag, .help = "Keep the archives after unpacking"}},
       .examples = {"continuo dataset get groove -o data", "continuo dataset build data/groove -o data/groove-tokens"}},
      get,
      {}};
}

}  // namespace continuo::app
