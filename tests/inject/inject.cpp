// Preloaded into the program by tests/e2e/inject_test.cpp: lets one call of the C library fail.
//
//     LD_PRELOAD=libtailor_inject.so TAILOR_INJECT=write:17 TAILOR_INJECT_TOLD=FILE tailor ...
//
// The 17th write returns an error, once; FILE is made to tell that it came to that. Kinds: alloc
// (malloc, calloc, realloc, aligned_alloc, posix_memalign: no memory), open and read (input/output
// error), write (no space left), rename, fsync (input/output error).
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

enum Kind { kAlloc, kOpen, kRead, kWrite, kRename, kFsync, kNone };
constexpr const char* kNames[] = {"alloc", "open", "read", "write", "rename", "fsync"};

struct Wish {
  Kind kind = kNone;
  long number = 0;
};

// Read without allocating: malloc asks for it.
Wish read_wish() {
  const char* text = std::getenv("TAILOR_INJECT");
  if (text == nullptr) return {};
  for (int kind = 0; kind < kNone; ++kind) {
    const std::size_t length = std::strlen(kNames[kind]);
    if (std::strncmp(text, kNames[kind], length) == 0 && text[length] == ':') {
      return {Kind(kind), std::atol(text + length + 1)};
    }
  }
  return {};
}

// Whether this call of a kind is the one.
bool fails(Kind kind) {
  static const Wish wish = read_wish();
  static std::atomic<long> calls{0};
  if (kind != wish.kind || calls.fetch_add(1) + 1 != wish.number) return false;
  if (const char* told = std::getenv("TAILOR_INJECT_TOLD")) {
    const long file = syscall(SYS_openat, AT_FDCWD, told, O_WRONLY | O_CREAT, 0644);
    syscall(SYS_close, file);
  }
  return true;
}

// The function of that name that would have been called.
template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <class Result>
Result refused(int code, Result result) {
  errno = code;
  return result;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  return fails(kAlloc) ? refused<void*>(ENOMEM, nullptr) : __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  return fails(kAlloc) ? refused<void*>(ENOMEM, nullptr) : __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  return fails(kAlloc) ? refused<void*>(ENOMEM, nullptr) : __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails(kAlloc) ? refused<void*>(ENOMEM, nullptr) : __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  if (fails(kAlloc)) return ENOMEM;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (fails(kOpen)) return refused(EIO, -1);
  return int(syscall(SYS_openat, folder, path, flags, mode));
}
int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return openat(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return openat(AT_FDCWD, path, flags, mode);
}
std::FILE* fopen(const char* path, const char* mode) {
  static const auto real = next(&fopen, "fopen");
  return fails(kOpen) ? refused<std::FILE*>(EIO, nullptr) : real(path, mode);
}
std::FILE* fopen64(const char* path, const char* mode) {
  return fopen(path, mode);
}

ssize_t read(int file, void* into, std::size_t count) {
  return fails(kRead) ? refused<ssize_t>(EIO, -1) : syscall(SYS_read, file, into, count);
}
ssize_t pread(int file, void* into, std::size_t count, off_t at) {
  return fails(kRead) ? refused<ssize_t>(EIO, -1) : syscall(SYS_pread64, file, into, count, at);
}
ssize_t pread64(int file, void* into, std::size_t count, off64_t at) {
  return pread(file, into, count, at);
}

ssize_t write(int file, const void* from, std::size_t count) {
  return fails(kWrite) ? refused<ssize_t>(ENOSPC, -1) : syscall(SYS_write, file, from, count);
}
ssize_t writev(int file, const iovec* pieces, int count) {
  return fails(kWrite) ? refused<ssize_t>(ENOSPC, -1) : syscall(SYS_writev, file, pieces, count);
}
ssize_t pwrite(int file, const void* from, std::size_t count, off_t at) {
  return fails(kWrite) ? refused<ssize_t>(ENOSPC, -1)
                       : syscall(SYS_pwrite64, file, from, count, at);
}
ssize_t pwrite64(int file, const void* from, std::size_t count, off64_t at) {
  return pwrite(file, from, count, at);
}

int rename(const char* from, const char* to) {
  return fails(kRename) ? refused(EIO, -1) : int(syscall(SYS_rename, from, to));
}

int fsync(int file) {
  return fails(kFsync) ? refused(EIO, -1) : int(syscall(SYS_fsync, file));
}
int fdatasync(int file) {
  return fails(kFsync) ? refused(EIO, -1) : int(syscall(SYS_fdatasync, file));
}

}  // extern "C"
