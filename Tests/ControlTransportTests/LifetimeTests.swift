import ControlProtocol
import ControlTransport
import Glibc
import Logging
import NIOPosix
import Synchronization
import Testing

@Suite struct LifetimeTests {
    @Test func aWaitEndsWithItsConnection() async throws {
        try await TestServer.with { server in
            var client: TestClient? = try server.connect()
            try client?.send(request("jobs.wait", params: #"{"id":"a"}"#) + "\n")
            #expect(until { server.service.performing == 1 })
            client = nil
            #expect(until { server.service.canceled == 1 })
        }
    }

    @Test func aSubmissionDoesNot() async throws {
        try await TestServer.with { server in
            var client: TestClient? = try server.connect()
            try client?.send(
                request("jobs.submit", params: #"{"request":{}}"#) + "\n"
                    + request("jobs.wait", id: 2, params: #"{"id":"a"}"#) + "\n"
            )
            #expect(until { server.service.performing == 2 })
            client = nil
            #expect(until { server.service.canceled == 1 })
            #expect(until { server.server.connectionCount == 0 })
            server.service.letGo()
            #expect(until { server.service.state.withLock { $0.finished } == 2 })
            #expect(server.service.canceled == 1)
        }
    }

    /// A client that sends and leaves has sent.
    @Test func aLineBeforeACloseCounts() async throws {
        try await TestServer.with { server in
            var client: TestClient? = try server.connect()
            try client?.send(request("jobs.submit", params: #"{"request":{}}"#) + "\n")
            client = nil
            #expect(until { server.service.performing == 1 })
        }
    }

    @Test func shutsDownInOrder() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/control.sock"
            let service = TestService()
            let server = server(.path(path, mode: 0o660), service)
            try await server.start()
            await withDiscardingTaskGroup { group in
                group.addTask { await server.run() }
                do {
                    try await onThread {
                        let client = try TestClient(path)
                        try client.send(
                            request("jobs.submit", params: #"{"request":{}}"#) + "\n"
                                + request("jobs.wait", id: 2, params: #"{"id":"a"}"#) + "\n"
                        )
                        #expect(until { service.performing == 2 })
                        server.beginGracefulShutdown(gracePeriod: .seconds(20))
                        // The wait is given up, the submission is not.
                        #expect(try client.line()?.hasPrefix(#"{"jsonrpc":"2.0","id":2,"error""#) == true)
                        #expect(access(path, F_OK) != 0)
                        #expect(throws: TestClient.Failure.self) { try TestClient(path) }
                        service.letGo()
                        #expect(try client.rest() == #"{"jsonrpc":"2.0","id":1,"result":{"ok":true}}"# + "\n")
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
    }

    @Test func startsOnlyOnce() async throws {
        try await withDirectory { directory in
            let server = server(.path("\(directory)/s", mode: 0o600), TestService())
            try await server.start()
            await #expect(throws: ControlTransportError.self) { try await server.start() }
            server.beginGracefulShutdown(gracePeriod: .zero)
            await server.run()
        }
    }

    // MARK: Socket files

    @Test(arguments: [UInt32(0o600), 0o660, 0o666])
    func setsTheMode(_ mode: UInt32) async throws {
        try await withServer(mode: mode) { path, _ in
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o7777 == mode)
        }
    }

    @Test func replacesAStaleSocket() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/control.sock"
            // What a daemon leaves that was killed: a bound file with nobody behind it.
            close(try boundSocket(path))
            let server = server(.path(path, mode: 0o600), TestService())
            try await server.start()
            let answer = try await onThread { try TestClient(path).ask(get("a")) }
            #expect(answer == gotten("a"))
            server.beginGracefulShutdown(gracePeriod: .zero)
            await server.run()
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test func leavesAnotherDaemonAlone() async throws {
        try await withServer(mode: 0o600) { path, _ in
            let second = server(.path(path, mode: 0o600), TestService())
            await #expect { try await second.start() } throws: {
                ($0 as? ControlTransportError)?.code == .occupied && "\($0)".contains(path)
            }
            let answer = try await onThread { try TestClient(path).ask(get("a")) }
            #expect(answer == gotten("a"))
        }
    }

    @Test func leavesOtherFilesAlone() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/file"
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            let server = server(.path(path, mode: 0o600), TestService())
            await #expect { try await server.start() } throws: {
                ($0 as? ControlTransportError)?.code == .notASocket
            }
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test func saysThatAPathIsTooLong() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        let server = server(.path(path, mode: 0o600), TestService())
        await #expect { try await server.start() } throws: {
            ($0 as? ControlTransportError)?.code == .pathTooLong
        }
    }

    @Test func makesItsDirectory() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/videogend/control.sock"
            let server = server(.path(path, mode: 0o600), TestService())
            try await server.start()
            var status = stat()
            #expect(stat("\(directory)/videogend", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
            server.beginGracefulShutdown(gracePeriod: .zero)
            await server.run()
            rmdir("\(directory)/videogend")
        }
    }

    @Test func leavesASuccessorsSocketAlone() async throws {
        try await withServer(mode: 0o600) { path, server in
            unlink(path)
            let successor = try boundSocket(path)
            server.stopAccepting()
            #expect(access(path, F_OK) == 0)
            close(successor)
        }
    }

    @Test func servesAPassedDescriptor() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/passed.sock"
            let socket = try boundSocket(path)
            listen(socket, 16)
            let server = server(.descriptor(socket), TestService())
            try await server.start()
            let answer = try await onThread { try TestClient(path).ask(get("a")) }
            #expect(answer == gotten("a"))
            server.beginGracefulShutdown(gracePeriod: .zero)
            await server.run()
            // It belongs to whoever passed it.
            #expect(access(path, F_OK) == 0)
        }
    }

    private func boundSocket(_ path: String) throws -> Int32 {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        return socket
    }

    private func server(_ listen: ControlServerConfiguration.Listen, _ service: TestService) -> ControlServer
    {
        ControlServer(
            configuration: ControlServerConfiguration(listen: listen),
            service: service,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test")
        )
    }

    private func withServer(mode: UInt32, _ body: (String, ControlServer) async throws -> Void) async throws {
        try await withDirectory { directory in
            let path = "\(directory)/control.sock"
            let server = server(.path(path, mode: mode), TestService())
            try await server.start()
            do {
                try await body(path, server)
            } catch {
                Issue.record(error)
            }
            server.beginGracefulShutdown(gracePeriod: .zero)
            await server.run()
        }
    }
}
