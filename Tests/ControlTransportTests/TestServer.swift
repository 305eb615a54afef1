import ControlTransport
import Glibc
import Logging
import NIOPosix
import Testing

/// A running server with a socket of its own.
struct TestServer: Sendable {
    let path: String
    let service: TestService
    let server: ControlServer

    func connect() throws -> TestClient {
        try TestClient(path)
    }

    /// Runs a server for the time of a closure, which blocks on a thread of its own.
    ///
    /// - Parameters:
    ///   - change: Changes the configuration.
    ///   - credentials: Tells who connects.
    ///   - body: What to do with it.
    /// - Throws: What starting it throws.
    static func with(
        _ change: (inout ControlServerConfiguration) -> Void = { _ in },
        credentials: @escaping @Sendable (Int32) throws -> ControlPeer = { try ControlPeer.of($0) },
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let path = "\(directory)/control.sock"
            var configuration = ControlServerConfiguration(listen: .path(path, mode: 0o600))
            change(&configuration)
            let service = TestService()
            let server = ControlServer(
                configuration: configuration,
                service: service,
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test"),
                credentials: credentials
            )
            try await server.start()
            await withDiscardingTaskGroup { group in
                group.addTask { await server.run() }
                do {
                    try await onThread { try body(TestServer(path: path, service: service, server: server)) }
                } catch {
                    Issue.record(error)
                }
                service.letGo()
                server.beginGracefulShutdown(gracePeriod: .zero)
            }
        }
    }
}

/// Makes a directory for the time of a closure; what lies directly in it goes with it.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/videogend-XXXXXX".utf8CString)
    let directory = String(cString: try #require(mkdtemp(&template)))
    defer {
        if let stream = opendir(directory) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." {
                    remove("\(directory)/\(name)")
                }
            }
            closedir(stream)
        }
        rmdir(directory)
    }
    try await body(directory)
}

/// A request line without its end.
func request(_ method: String, id: Int? = 1, params: String? = nil) -> String {
    let id = id.map { #","id":\#($0)"# } ?? ""
    let params = params.map { #","params":\#($0)"# } ?? ""
    return #"{"jsonrpc":"2.0"\#(id),"method":"\#(method)"\#(params)}"#
}

/// The reply to `jobs.get`.
func gotten(_ name: String, id: Int = 1) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"result":{"id":"\#(name)"}}"#
}

func get(_ name: String, id: Int = 1) -> String {
    request("jobs.get", id: id, params: #"{"id":"\#(name)"}"#)
}
