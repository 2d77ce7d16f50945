// Debian's chromium as a child process, spoken to in the DevTools protocol over a pipe: no port, no
// driver, no Node.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "tailor/core/json.hpp"
#include "tests/own_folder.hpp"

namespace tailor::internal::browser {

// One headless browser with a profile of its own. Whatever fails throws std::runtime_error that
// says what; the process and its profile are gone when the object is.
class Chromium {
 public:
  // The program in PATH, "" where it is not installed.
  static std::filesystem::path program();

  Chromium();
  ~Chromium();
  Chromium(const Chromium&) = delete;

  // Calls a method (of a session, "" = the browser itself) and returns its result. Events that come
  // meanwhile go to the listeners, which may `post` but not `call`.
  Json call(const std::string& session, const std::string& method, const Json& params);

  // The same without waiting for the answer.
  void post(const std::string& session, const std::string& method, const Json& params);

  // Receives the events of one session until `forget`.
  using Listener = std::function<void(const std::string& method, const Json& params)>;
  void listen(const std::string& session, Listener listener) { listeners_[session] = listener; }
  void forget(const std::string& session) { listeners_.erase(session); }

  // Handles events until `done`; `what` is named where the browser stays silent too long.
  void wait_until(const std::function<bool()>& done, const std::string& what);

 private:
  void start();
  void end();
  int send(const std::string& session, const std::string& method, const Json& params);
  void receive(const std::string& what);
  void dispatch(const std::string& message);

  const OwnFolder profile_;
  pid_t pid_ = -1;
  int socket_ = -1;
  int last_id_ = 0;
  std::string buffer_;  // what was read of messages that have not ended yet
  std::map<int, std::string> answers_;
  std::map<int, bool> unread_;  // ids of `post`, whose answers nobody reads
  std::map<std::string, Listener> listeners_;
};

}  // namespace tailor::internal::browser
