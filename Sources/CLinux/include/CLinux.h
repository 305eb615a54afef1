#ifndef CLINUX_H
#define CLINUX_H

// What Swift's Glibc module does not offer, and nothing else: variadic functions, functions and types
// behind _GNU_SOURCE, and socket options with their own protocol. As usual in C, a function returns -1
// and sets errno when it fails.
//
// Not here because `import Glibc` has it: CLOCK_BOOTTIME with clock_gettime, statvfs, umask, flock with
// LOCK_*, SO_LINGER with struct linger.

#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// RENAME_NOREPLACE of <linux/fs.h>: fail with EEXIST where the new name is taken.
#define CLINUX_RENAME_NOREPLACE 1U

/// renameat2(2), declared by glibc for _GNU_SOURCE only.
/// EINVAL means that the file system does not know the flag, EXDEV that the names lie on two mounts.
int clinux_renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags);

/// Who is at the other end of a Unix socket, as the kernel noted it at connect(2).
struct clinux_peer_credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/// SO_PEERCRED; its struct ucred is declared for _GNU_SOURCE only.
int clinux_peer_credentials(int socket, struct clinux_peer_credentials *credentials);

/// SO_PEERGROUPS: the supplementary groups of the peer.
///
/// *count holds the room in groups and receives the number of groups. When the room does not suffice, the
/// result is -1 with errno ERANGE and *count is the number needed: call again with that. groups may be
/// NULL with *count 0 to ask for the number; a peer without groups answers that with 0.
/// ENODATA means that the socket has no peer.
int clinux_peer_groups(int socket, gid_t *groups, size_t *count);

/// prctl(PR_GET_DUMPABLE): 0 no core dump and no ptrace by others, 1 ordinary, 2 readable by root only.
int clinux_dumpable(void);

/// prctl(PR_SET_DUMPABLE): 0 keeps the memory of the process out of core dumps and away from ptrace(2).
int clinux_set_dumpable(int dumpable);

/// ioctl(TIOCGWINSZ): the width of the terminal in columns, which may be 0 where the terminal does not
/// know it. ENOTTY means that the descriptor is no terminal.
int clinux_terminal_columns(int fd);

/// ioctl(TIOCGWINSZ): the height of the terminal in lines, as clinux_terminal_columns.
int clinux_terminal_rows(int fd);

/// adjtimex(2): 1 where the kernel's clock is kept in step with others, 0 where nothing does that.
int clinux_clock_is_synchronized(void);

/// clock_gettime(CLOCK_REALTIME): milliseconds since 1970-01-01T00:00:00Z.
int64_t clinux_wall_milliseconds(void);

#ifdef __cplusplus
}
#endif

#endif
