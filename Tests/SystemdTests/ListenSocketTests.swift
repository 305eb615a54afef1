import Glibc
import Testing

@testable import Systemd

@Suite("Sockets from the service manager")
struct ListenSocketTests {
    @Test("A process that was started otherwise has none")
    func none() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            unsetenv("LISTEN_PID")
            unsetenv("LISTEN_FDS")
            let sockets = try ListenSocket.passed()
            let chosen = try ListenSocket.chosen(from: sockets)
            exit(sockets.isEmpty && chosen == nil ? 0 : 1)
        }
    }

    @Test("A passed socket comes with its name and path, once")
    func passed() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try UnixSocket.with(SOCK_STREAM) { socket in
                listen(socket.fileDescriptor, 8)
                handOver([socket.fileDescriptor], names: "control")
                let sockets = try ListenSocket.passed()
                expectOrExit(sockets.count == 1)
                expectOrExit(sockets[0].fileDescriptor == 3)
                expectOrExit(sockets[0].name == "control")
                expectOrExit(sockets[0].path == socket.address)
                expectOrExit(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
                // A child must not take them for its own.
                expectOrExit(getenv("LISTEN_FDS") == nil && getenv("LISTEN_PID") == nil)
                expectOrExit(try ListenSocket.passed().isEmpty)
            }
            // Not through the test library: descriptor 3 may have been its own.
            _exit(0)
        }
    }

    @Test("Every passed socket is checked, not only the first")
    func secondIsWrong() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var message = "nothing"
            try UnixSocket.with(SOCK_STREAM) { socket in
                listen(socket.fileDescriptor, 8)
                try UnixSocket.with(SOCK_DGRAM) { other in
                    handOver([socket.fileDescriptor, other.fileDescriptor], names: "control:other")
                    do {
                        _ = try ListenSocket.passed()
                    } catch let error as SystemdError {
                        message = error.message
                    }
                }
            }
            expectOrExit(message.hasPrefix("descriptor 4 (other)"))
            _exit(0)
        }
    }

    @Test("Sockets for another process are not taken")
    func otherProcess() async {
        await #expect(processExitsWith: .exitCode(0)) {
            setenv("LISTEN_PID", "1", 1)
            setenv("LISTEN_FDS", "1", 1)
            exit(try ListenSocket.passed().isEmpty ? 0 : 1)
        }
    }

    @Test("A listening stream socket passes the check")
    func right() throws {
        for abstract in [false, true] {
            try UnixSocket.with(SOCK_STREAM, abstract: abstract) { socket in
                listen(socket.fileDescriptor, 8)
                let checked = try ListenSocket(checking: socket.fileDescriptor, name: "control")
                #expect(checked.path == socket.address)
            }
        }
    }

    @Test("A socket of the wrong kind is named with what it is")
    func wrong() throws {
        try UnixSocket.with(SOCK_STREAM) { socket in
            expectWrong(socket.fileDescriptor, "a Unix stream socket that does not listen")
        }
        try UnixSocket.with(SOCK_DGRAM) { socket in
            expectWrong(socket.fileDescriptor, "a Unix socket of type 2")
        }
        let internet = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        expectWrong(internet, "a socket of address family 2")
        close(internet)
        let file = open("/dev/null", O_RDONLY)
        expectWrong(file, "no socket")
        close(file)
        expectWrong(100_000, "closed")
    }

    @Test("The socket called control is served, else the only one")
    func chosen() throws {
        try UnixSocket.with(SOCK_STREAM) { socket in
            listen(socket.fileDescriptor, 8)
            let control = try ListenSocket(checking: socket.fileDescriptor, name: "control")
            let other = try ListenSocket(checking: socket.fileDescriptor, name: "other")
            let third = try ListenSocket(checking: socket.fileDescriptor, name: "third")
            #expect(try ListenSocket.chosen(from: []) == nil)
            #expect(try ListenSocket.chosen(from: [other]) == other)
            #expect(try ListenSocket.chosen(from: [other, control]) == control)
            for several in [[other, third], [control, control]] {
                let error = #expect(throws: SystemdError.self) { try ListenSocket.chosen(from: several) }
                #expect(error?.code == .ambiguousSocket)
                #expect(error?.message.contains(socket.address) == true)
            }
        }
    }

    private func expectWrong(_ fileDescriptor: Int32, _ kind: String) {
        let error = #expect(throws: SystemdError.self) {
            try ListenSocket(checking: fileDescriptor, name: "control")
        }
        #expect(error?.code == .wrongSocket)
        #expect(error?.message.contains("\(fileDescriptor) (control)") == true)
        #expect(error?.message.contains(" is \(kind), not") == true)
    }
}

/// Puts sockets where a service manager puts them: descriptors from 3 and the variables.
///
/// - Parameters:
///   - sockets: The sockets; they stay open under their own numbers too.
///   - names: Their names with colons between.
private func handOver(_ sockets: [Int32], names: String) {
    // Out of the way first: a socket's own number may be one of those to be filled.
    let moved = sockets.map { fcntl($0, F_DUPFD, 100) }
    for (index, socket) in moved.enumerated() {
        expectOrExit(dup2(socket, 3 + Int32(index)) >= 0)
    }
    setenv("LISTEN_PID", "\(getpid())", 1)
    setenv("LISTEN_FDS", "\(sockets.count)", 1)
    setenv("LISTEN_FDNAMES", names, 1)
}
