#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CLinux.h"

#include <time.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timex.h>

_Static_assert(CLINUX_RENAME_NOREPLACE == RENAME_NOREPLACE, "the kernel's value");

int clinux_renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags) {
    return renameat2(olddirfd, oldpath, newdirfd, newpath, flags);
}

int clinux_peer_credentials(int socket, struct clinux_peer_credentials *credentials) {
    struct ucred peer;
    socklen_t length = sizeof(peer);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        return -1;
    }
    if (length != sizeof(peer)) {
        errno = EPROTO;
        return -1;
    }
    // The kernel says pid 0 for a socket that has no peer. Its uid is then (uid_t)-1, which nobody may
    // take for a user.
    if (peer.uid == (uid_t)-1) {
        errno = ENOTCONN;
        return -1;
    }
    credentials->pid = peer.pid;
    credentials->uid = peer.uid;
    credentials->gid = peer.gid;
    return 0;
}

int clinux_peer_groups(int socket, gid_t *groups, size_t *count) {
    if (*count > INT_MAX / sizeof(gid_t)) {
        errno = EINVAL;
        return -1;
    }
    socklen_t length = (socklen_t)(*count * sizeof(gid_t));
    int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
    // With ERANGE the kernel has written the length that it wants.
    if (result == 0 || errno == ERANGE) {
        *count = length / sizeof(gid_t);
    }
    return result;
}

int clinux_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

int clinux_set_dumpable(int dumpable) {
    return prctl(PR_SET_DUMPABLE, (unsigned long)dumpable, 0, 0, 0);
}

int clinux_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) {
        return -1;
    }
    return size.ws_col;
}

int clinux_terminal_rows(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) {
        return -1;
    }
    return size.ws_row;
}

int clinux_clock_is_synchronized(void) {
    struct timex clock = {0};
    int state = adjtimex(&clock);
    if (state < 0) {
        return -1;
    }
    return state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
}

int64_t clinux_wall_milliseconds(void) {
    struct timespec time = {0};
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}
