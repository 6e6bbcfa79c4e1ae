#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace continuo::corpus {

// A small HTTP/1.1 server on 127.0.0.1 that the test starts itself: GET with Range and If-Range, one connection at a
// time. It can misbehave on request.
class HttpServer {
 public:
  struct Page {
    std::string body, tag;  // tag: with quotes, or empty
    int cut_after = -1;     // the next answers break off after so many bytes of the body ...
    int cuts = 0;           // ... as often as this
    bool ignores_range = false;
  };

  HttpServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(socket_, 8);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
    thread_.join();
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void put(const std::string& path, Page page) {
    const std::lock_guard lock(mutex_);
    pages_[path] = std::move(page);
  }
  int requests() const { return requests_; }
  // Bytes of bodies sent so far.
  std::size_t sent() const { return sent_; }

 private:
  void serve() {
    while (!stopping_) {
      const int client = ::accept(socket_, nullptr, nullptr);
      if (client < 0) return;
      answer(client);
      ::shutdown(client, SHUT_WR);
      ::close(client);
    }
  }

  static std::string read_request(int client) {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
      const auto count = ::recv(client, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      text.append(buffer, std::size_t(count));
    }
    return text;
  }

  static std::optional<std::string> header(const std::string& request, const std::string& name) {
    const auto at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return std::nullopt;
    const auto begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }

  static void send_all(int client, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(std::size_t(count));
    }
  }

  void answer(int client) {
    const std::string request = read_request(client);
    if (request.size() < 5) return;
    ++requests_;
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(request.substr(4, request.find(' ', 4) - 4));
    if (found == pages_.end())
      return send_all(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone");
    Page& page = found->second;
    std::size_t begin = 0;
    const auto range = header(request, "Range"), condition = header(request, "If-Range");
    const bool same = !condition || *condition == page.tag;
    if (range && same && !page.ignores_range) begin = std::stoul(range->substr(6));
    if (begin > 0 && begin >= page.body.size())
      return send_all(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    std::string body = page.body.substr(begin);
    std::string head = begin > 0
                           ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
                                 std::to_string(page.body.size() - 1) + "/" + std::to_string(page.body.size()) + "\r\n"
                           : "HTTP/1.1 200 OK\r\n";
    if (!page.tag.empty()) head += "ETag: " + page.tag + "\r\n";
    head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    if (page.cuts > 0 && std::size_t(page.cut_after) < body.size()) {
      --page.cuts;
      body.resize(std::size_t(page.cut_after));
    }
    sent_ += body.size();  // before the client has it all and asks
    send_all(client, head);
    send_all(client, body);
  }

  int socket_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> requests_{0};
  std::atomic<std::size_t> sent_{0};
  std::mutex mutex_;
  std::map<std::string, Page> pages_;
  std::thread thread_;
};

}  // namespace continuo::corpus
