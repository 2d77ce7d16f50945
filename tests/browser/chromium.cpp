#include "tests/browser/chromium.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace tailor::internal::browser {
namespace {

namespace fs = std::filesystem;

// A browser that says nothing for so long hangs; a start on a busy machine takes seconds.
constexpr int kSilenceMs = 120'000;

// A file descriptor that cannot be one of those the child's are copied to.
int out_of_the_way(int fd) {
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, 10);
  ::close(fd);
  if (moved < 0) throw std::runtime_error("no file descriptor left");
  return moved;
}

std::vector<std::string> arguments(const fs::path& program, const fs::path& profile) {
  return {program.string(), "--headless=new", "--remote-debugging-pipe",
          "--user-data-dir=" + profile.string(),
          // A container's root has no sandbox, and its /dev/shm is 64 MB.
          "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-default-browser-check",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--disable-extensions", "--disable-breakpad", "--disable-background-timer-throttling",
          "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
          "--force-color-profile=srgb", "--lang=en-US", "about:blank"};
}

// This process's environment, but with a home and no desktop: nothing is written to the user's.
std::vector<std::string> environment(const fs::path& home) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const bool replaced = text.starts_with("HOME=") || text.starts_with("XDG_") ||
                          text.starts_with("DBUS_") || text.starts_with("DISPLAY=") ||
                          text.starts_with("WAYLAND_DISPLAY=");
    if (!replaced) variables.emplace_back(text);
  }
  variables.push_back("HOME=" + home.string());
  variables.push_back("DBUS_SESSION_BUS_ADDRESS=disabled:");
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// The last lines that the browser wrote, for the message of an error.
std::string last_words(const fs::path& log) {
  std::ifstream file(log);
  std::stringstream text;
  text << file.rdbuf();
  const std::string words = text.str();
  return words.size() > 600 ? words.substr(words.size() - 600) : words;
}

}  // namespace

fs::path Chromium::program() {
  const char* path = std::getenv("PATH");
  std::stringstream folders(path != nullptr ? path : "/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / "chromium";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

Chromium::Chromium() {
  try {
    start();
    call("", "Browser.getVersion", Json::object());
  } catch (...) {
    end();
    throw;
  }
}

Chromium::~Chromium() {
  end();
}

void Chromium::start() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error("cannot make a socket pair");
  }
  socket_ = out_of_the_way(ends[0]);
  const int theirs = out_of_the_way(ends[1]);
  std::vector<std::string> words = arguments(program(), profile_);
  std::vector<std::string> variables = environment(profile_);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  const fs::path log = profile_ / "log.txt";
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  // The protocol's fixed places: commands come in at 3, answers and events go out at 4.
  posix_spawn_file_actions_adddup2(&files, theirs, 3);
  posix_spawn_file_actions_adddup2(&files, theirs, 4);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that its children end with it; in a container without an init process
  // nobody else would reap them.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int error = posix_spawn(&pid_, words[0].c_str(), &files, &attributes,
                                pointers(words).data(), pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  ::close(theirs);
  if (error != 0) {
    pid_ = -1;
    throw std::runtime_error(fmt::format("cannot start {}: {}", words[0], std::strerror(error)));
  }
}

void Chromium::end() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    // Until none of the group is left: its children have become ours (PR_SET_CHILD_SUBREAPER).
    while (::waitpid(-pid_, nullptr, 0) > 0 || errno == EINTR) {
    }
    pid_ = -1;
  }
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

int Chromium::send(const std::string& session, const std::string& method, const Json& params) {
  Json message = {{"id", ++last_id_}, {"method", method}, {"params", params}};
  if (!session.empty()) message["sessionId"] = session;
  std::string text = message.dump();
  text.push_back('\0');
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t sent = ::send(socket_, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (sent > 0) at += std::size_t(sent);
    if (sent < 0 && errno != EINTR) {
      throw std::runtime_error("chromium ended: " + last_words(profile_ / "log.txt"));
    }
  }
  return last_id_;
}

Json Chromium::call(const std::string& session, const std::string& method, const Json& params) {
  const int id = send(session, method, params);
  wait_until([&] { return answers_.contains(id); }, method);
  const Json answer = Json::parse(answers_.extract(id).mapped());
  if (answer.contains("error")) {
    throw std::runtime_error(method + ": " + answer["error"].value("message", "failed"));
  }
  return answer.value("result", Json::object());
}

void Chromium::post(const std::string& session, const std::string& method, const Json& params) {
  unread_[send(session, method, params)] = true;
}

void Chromium::wait_until(const std::function<bool()>& done, const std::string& what) {
  while (!done()) receive(what);
}

void Chromium::receive(const std::string& what) {
  pollfd waiting = {socket_, POLLIN, 0};
  const int ready = ::poll(&waiting, 1, kSilenceMs);
  if (ready < 0 && errno == EINTR) return;
  if (ready == 0) throw std::runtime_error("chromium does not answer to " + what);
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(socket_, bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return;
  if (count <= 0) {
    throw std::runtime_error(
        fmt::format("chromium ended at {}: {}", what, last_words(profile_ / "log.txt")));
  }
  std::size_t searched = buffer_.size();
  buffer_.append(bytes.data(), std::size_t(count));
  std::size_t begin = 0;
  for (std::size_t end; (end = buffer_.find('\0', searched)) != std::string::npos;) {
    dispatch(buffer_.substr(begin, end - begin));
    begin = searched = end + 1;
  }
  buffer_.erase(0, begin);
}

void Chromium::dispatch(const std::string& message) {
  const Json json = Json::parse(message);
  if (json.contains("id")) {
    const int id = json["id"];
    if (unread_.erase(id) == 0) answers_[id] = message;
    return;
  }
  const auto listener = listeners_.find(json.value("sessionId", ""));
  if (listener != listeners_.end()) {
    listener->second(json.value("method", ""), json.value("params", Json::object()));
  }
}

}  // namespace tailor::internal::browser
