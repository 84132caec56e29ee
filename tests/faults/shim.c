/* Lets the nth change of a file under a folder go wrong: preloaded, counted, armed from within. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TORN, FULL, BROKEN, UNREADABLE };

static char watched[PATH_MAX];
static int mode;
static long at, seen;

void fault_arm(const char *folder, int new_mode, long n) {
    strncpy(watched, folder, sizeof watched - 1);
    mode = new_mode;
    at = n;
    seen = 0;
}

long fault_seen(void) { return seen; }

static int inside(const char *path) { return watched[0] && path && strstr(path, watched) != NULL; }

static int inside_fd(int fd) {
    char link[64], path[PATH_MAX];
    if (!watched[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return inside(path);
}

static int inside_at(int folder, const char *path) {
    if (path && path[0] == '/') return inside(path);
    return folder == AT_FDCWD ? 0 : inside_fd(folder);
}

static void die(void) { kill(getpid(), SIGKILL); }

/* 0: go on. Otherwise the error of the call. A full disk stays full; a broken one errs once. */
static int fails(int is_inside, int takes_room) {
    if (!is_inside || mode == UNREADABLE) return 0;
    long n = __sync_add_and_fetch(&seen, 1);
    if (mode == KILL && n == at) die();
    if (mode == FULL && at > 0 && n >= at && takes_room) return ENOSPC;
    if (mode == BROKEN && n == at) return EIO;
    return 0;
}

static int unreadable(int is_inside) {
    if (!is_inside || mode != UNREADABLE) return 0;
    return __sync_add_and_fetch(&seen, 1) == at ? EIO : 0;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))
#define TRY(is_inside, room) do { int e = fails(is_inside, room); if (e) { errno = e; return -1; } } while (0)

static int torn(int fd) { return mode == TORN && inside_fd(fd) && __sync_add_and_fetch(&seen, 1) == at; }

ssize_t write(int fd, const void *data, size_t size) {
    if (mode == TORN) {
        if (torn(fd)) { REAL(write)(fd, data, size / 2); die(); }
    } else TRY(inside_fd(fd), 1);
    return REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
    if (mode == TORN) {
        if (torn(fd)) { REAL(pwrite)(fd, data, size / 2, place); die(); }
    } else TRY(inside_fd(fd), 1);
    return REAL(pwrite)(fd, data, size, place);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t place) {
    if (mode == TORN) {
        if (torn(fd)) { REAL(pwrite64)(fd, data, size / 2, place); die(); }
    } else TRY(inside_fd(fd), 1);
    return REAL(pwrite64)(fd, data, size, place);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (mode != TORN) TRY(inside_fd(fd), 1);
    return REAL(writev)(fd, parts, count);
}
ssize_t read(int fd, void *data, size_t size) {
    if (mode == UNREADABLE && unreadable(inside_fd(fd))) { errno = EIO; return -1; }
    return REAL(read)(fd, data, size);
}
ssize_t pread(int fd, void *data, size_t size, off_t place) {
    if (mode == UNREADABLE && unreadable(inside_fd(fd))) { errno = EIO; return -1; }
    return REAL(pread)(fd, data, size, place);
}
ssize_t pread64(int fd, void *data, size_t size, off64_t place) {
    if (mode == UNREADABLE && unreadable(inside_fd(fd))) { errno = EIO; return -1; }
    return REAL(pread64)(fd, data, size, place);
}

#define WRITES (O_WRONLY | O_RDWR | O_CREAT)
#define OPENED(name, test) \
    mode_t bits = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); bits = va_arg(rest, mode_t); va_end(rest); } \
    if (mode != TORN) TRY((flags & WRITES) && (test), flags & O_CREAT)
int open(const char *path, int flags, ...) { OPENED(open, inside(path)); return REAL(open)(path, flags, bits); }
int open64(const char *path, int flags, ...) { OPENED(open64, inside(path)); return REAL(open64)(path, flags, bits); }
int openat(int folder, const char *path, int flags, ...) {
    OPENED(openat, inside_at(folder, path));
    return REAL(openat)(folder, path, flags, bits);
}
int openat64(int folder, const char *path, int flags, ...) {
    OPENED(openat64, inside_at(folder, path));
    return REAL(openat64)(folder, path, flags, bits);
}

#define PLAIN(is_inside, room) if (mode != TORN) TRY(is_inside, room)
int fsync(int fd) { PLAIN(inside_fd(fd), 1); return REAL(fsync)(fd); }
int fdatasync(int fd) { PLAIN(inside_fd(fd), 1); return REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { PLAIN(inside_fd(fd), 0); return REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { PLAIN(inside_fd(fd), 0); return REAL(ftruncate64)(fd, size); }
int rename(const char *from, const char *to) { PLAIN(inside(from) || inside(to), 1); return REAL(rename)(from, to); }
int renameat(int a, const char *from, int b, const char *to) {
    PLAIN(inside_at(a, from) || inside_at(b, to), 1);
    return REAL(renameat)(a, from, b, to);
}
int link(const char *from, const char *to) { PLAIN(inside(from) || inside(to), 1); return REAL(link)(from, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
    PLAIN(inside_at(a, from) || inside_at(b, to), 1);
    return REAL(linkat)(a, from, b, to, flags);
}
int symlink(const char *from, const char *to) { PLAIN(inside(to), 1); return REAL(symlink)(from, to); }
int unlink(const char *path) { PLAIN(inside(path), 0); return REAL(unlink)(path); }
int unlinkat(int folder, const char *path, int flags) {
    PLAIN(inside_at(folder, path), 0);
    return REAL(unlinkat)(folder, path, flags);
}
int rmdir(const char *path) { PLAIN(inside(path), 0); return REAL(rmdir)(path); }
int mkdir(const char *path, mode_t bits) { PLAIN(inside(path), 1); return REAL(mkdir)(path, bits); }
int mkdirat(int folder, const char *path, mode_t bits) {
    PLAIN(inside_at(folder, path), 1);
    return REAL(mkdirat)(folder, path, bits);
}
