/* A shim for LD_PRELOAD: one call of the C library fails, or writes less than was asked for.

   W2V_FAULT_CALL    name of the call: open, read, write, fsync, rename, link, ftruncate, mmap, malloc, thread
   W2V_FAULT_AT      number of the call that fails, 1 for the first
   W2V_FAULT_ERROR   errno, or 0: the call writes or reads half
   W2V_FAULT_FOLDER  only calls on files in this folder count (not for mmap of memory, malloc, thread)
   W2V_FAULT_MARK    file that is made when the call fails

   malloc counts blocks of 64 KB and more only: smaller ones are those of the interpreter, which ends with MemoryError.
   Calls count only after the interpreter has started, when it first opens a file in the folder. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static const char *wanted, *folder, *mark;
static long at, error;
static atomic_long count;
static atomic_int started;

__attribute__((constructor)) static void setup(void) {
    wanted = getenv("W2V_FAULT_CALL");
    folder = getenv("W2V_FAULT_FOLDER");
    mark = getenv("W2V_FAULT_MARK");
    at = getenv("W2V_FAULT_AT") ? atol(getenv("W2V_FAULT_AT")) : 0;
    error = getenv("W2V_FAULT_ERROR") ? atol(getenv("W2V_FAULT_ERROR")) : 0;
}

static int in_folder(const char *path) {
    return path && folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int fd_in_folder(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return in_folder(path);
}

/* Whether this call is the one that fails. */
static int fails(const char *call, int counts) {
    if (!wanted || strcmp(call, wanted) || !counts) return 0;
    if (atomic_fetch_add(&count, 1) + 1 != at) return 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600);
    if (fd >= 0) syscall(SYS_close, fd);
    errno = (int)error;
    return 1;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static int opened(const char *path) {
    int ours = in_folder(path);
    if (ours) atomic_store(&started, 1);
    return fails("open", ours) ? -1 : 0;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list list; \
        va_start(list, flags); \
        int mode = va_arg(list, int); \
        va_end(list); \
        return opened(path) ? -1 : real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int dir, const char *path, int flags, ...) { \
        REAL(int, name, int, const char *, int, ...); \
        va_list list; \
        va_start(list, flags); \
        int mode = va_arg(list, int); \
        va_end(list); \
        return opened(path) ? -1 : real(dir, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t n) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (fails("write", fd_in_folder(fd))) return error || n < 2 ? -1 : real(fd, data, n / 2);
    return real(fd, data, n);
}

ssize_t read(int fd, void *data, size_t n) {
    REAL(ssize_t, read, int, void *, size_t);
    if (fails("read", fd_in_folder(fd))) return error || n < 2 ? -1 : real(fd, data, n / 2);
    return real(fd, data, n);
}

#define AT_PLACE(name, kind, type, data_type, offset_type) \
    ssize_t name(int fd, data_type data, type n, offset_type offset) { \
        REAL(ssize_t, name, int, data_type, type, offset_type); \
        if (fails(kind, fd_in_folder(fd))) return -1; \
        return real(fd, data, n, offset); \
    }
AT_PLACE(pread, "read", size_t, void *, off_t)
AT_PLACE(pread64, "read", size_t, void *, off64_t)
AT_PLACE(pwrite, "write", size_t, const void *, off_t)
AT_PLACE(pwrite64, "write", size_t, const void *, off64_t)
AT_PLACE(preadv, "read", int, const struct iovec *, off_t)
AT_PLACE(preadv64, "read", int, const struct iovec *, off64_t)

int fsync(int fd) {
    REAL(int, fsync, int);
    return fails("fsync", fd_in_folder(fd)) ? -1 : real(fd);
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    return fails("rename", in_folder(to)) ? -1 : real(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    return fails("rename", in_folder(to)) ? -1 : real(from_dir, from, to_dir, to);
}

int link(const char *from, const char *to) {
    REAL(int, link, const char *, const char *);
    return fails("link", in_folder(to)) ? -1 : real(from, to);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    REAL(int, linkat, int, const char *, int, const char *, int);
    return fails("link", in_folder(to)) ? -1 : real(from_dir, from, to_dir, to, flags);
}

int ftruncate(int fd, off_t size) {
    REAL(int, ftruncate, int, off_t);
    return fails("ftruncate", 1) ? -1 : real(fd, size);
}

void *mmap(void *place, size_t size, int protection, int flags, int fd, off_t offset) {
    REAL(void *, mmap, void *, size_t, int, int, int, off_t);
    int counts = fd >= 0 ? fd_in_folder(fd) : started && size >= 1 << 16;
    return fails("mmap", counts) ? MAP_FAILED : real(place, size, protection, flags, fd, offset);
}

void *malloc(size_t size) {
    static void *(*real)(size_t);
    if (!real) real = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    return fails("malloc", started && size >= 1 << 16) ? NULL : real(size);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    return fails("thread", started) ? (int)error : real(thread, attributes, body, argument);
}
