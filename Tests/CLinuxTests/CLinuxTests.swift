import CLinux
import Glibc
import Testing

@Suite("What Glibc lacks")
struct CLinuxTests {
    @Test("A rename never replaces a file, and a missing one says ENOENT on one mount")
    func renameWithoutReplacing() throws {
        var template = Array("/tmp/clinux-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        defer {
            unlink("\(directory)/a")
            unlink("\(directory)/b")
            rmdir(directory)
        }
        for name in ["a", "b"] {
            let file = open("\(directory)/\(name)", O_CREAT | O_WRONLY, 0o600)
            #expect(file >= 0)
            close(file)
        }
        let folder = open(directory, O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        let flags = UInt32(CLINUX_RENAME_NOREPLACE)

        #expect(clinux_renameat2(folder, "a", folder, "b", flags) == -1)
        #expect(errno == EEXIST)
        #expect(clinux_renameat2(folder, "missing", folder, "c", flags) == -1)
        #expect(errno == ENOENT)
        unlink("\(directory)/b")
        #expect(clinux_renameat2(folder, "a", folder, "b", flags) == 0)
    }

    @Test("The peer of a socket is known by pid, uid and gid")
    func peerCredentials() throws {
        let (one, other) = try socketPair()
        defer {
            close(one)
            close(other)
        }
        var peer = clinux_peer_credentials()
        #expect(clinux_peer_credentials(one, &peer) == 0)
        #expect(peer.pid == getpid())
        #expect(peer.uid == geteuid())
        #expect(peer.gid == getegid())
    }

    @Test("A socket without a peer has no credentials")
    func noPeer() {
        let lonely = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(lonely) }
        var peer = clinux_peer_credentials()
        #expect(clinux_peer_credentials(lonely, &peer) == -1)
        #expect(errno == ENOTCONN)
        var count = 0
        #expect(clinux_peer_groups(lonely, nil, &count) == -1)
        #expect(errno == ENODATA)
    }

    @Test("The peer's groups are all there, after asking how many there are")
    func peerGroups() throws {
        let expected = getgroups(0, nil)
        var own = [gid_t](repeating: 0, count: Int(expected))
        #expect(getgroups(expected, &own) == expected)
        let (one, other) = try socketPair()
        defer {
            close(one)
            close(other)
        }

        var count = 0
        let result = clinux_peer_groups(one, nil, &count)
        if own.isEmpty {
            #expect(result == 0)
        } else {
            #expect(result == -1)
            #expect(errno == ERANGE)
        }
        #expect(count == own.count)
        var groups = [gid_t](repeating: 0, count: count)
        #expect(clinux_peer_groups(one, &groups, &count) == 0)
        #expect(groups.sorted() == own.sorted())
    }

    @Test("A descriptor that is no terminal has no width")
    func terminalColumns() throws {
        var pipes: [Int32] = [0, 0]
        #expect(pipe(&pipes) == 0)
        defer { pipes.forEach { close($0) } }
        #expect(clinux_terminal_columns(pipes[0]) == -1)
        #expect(errno == ENOTTY)

        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(master >= 0)
        defer { close(master) }
        var size = winsize(ws_row: 24, ws_col: 97, ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
        #expect(clinux_terminal_columns(master) == 97)
        #expect(clinux_terminal_rows(master) == 24)
        #expect(clinux_terminal_rows(pipes[0]) == -1)
    }

    @Test("The kernel says whether its clock is kept in step")
    func clock() {
        #expect([0, 1].contains(clinux_clock_is_synchronized()))
    }

    @Test("The process can be made undumpable")
    func dumpable() async {
        // In a process of its own: it would hinder a debugger on the whole test run.
        await #expect(processExitsWith: .exitCode(0)) {
            guard clinux_dumpable() == 1, clinux_set_dumpable(0) == 0, clinux_dumpable() == 0 else {
                exit(1)
            }
            exit(0)
        }
    }

    private func socketPair() throws -> (Int32, Int32) {
        var sockets: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        return (sockets[0], sockets[1])
    }
}
