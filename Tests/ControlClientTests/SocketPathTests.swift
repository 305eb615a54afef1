import Glibc
import ScriptedDaemon
import Testing

@testable import ControlClient

@Suite("Where the socket is looked for")
struct SocketPathTests {
    private func find(_ option: String?, _ environment: [String: String]) -> String {
        SocketPath.find(option: option) { environment[$0] }
    }

    @Test("the option comes first, then the variable, then the system's")
    func order() {
        let all = ["VIDEOGEND_SOCKET": "/v.sock", "XDG_RUNTIME_DIR": "/nowhere"]
        #expect(find("/o.sock", all) == "/o.sock")
        #expect(find(nil, all) == "/v.sock")
        #expect(find(nil, ["XDG_RUNTIME_DIR": "/nowhere"]) == "/run/videogend/control.sock")
        #expect(find(nil, [:]) == "/run/videogend/control.sock")
        #expect(find("", ["VIDEOGEND_SOCKET": ""]) == "/run/videogend/control.sock")
    }

    @Test("the user's own daemon comes before the system's, if its socket exists")
    func ownDaemon() throws {
        let daemon = try ScriptedDaemon { _ in [] }
        defer { daemon.stop() }
        let runtime = String(daemon.path.dropLast("/control.sock".count))
        #expect(find(nil, ["XDG_RUNTIME_DIR": runtime]) == "/run/videogend/control.sock")
        try #require(mkdir(runtime + "/videogend", 0o700) == 0)
        let own = runtime + "/videogend/control.sock"
        try #require(symlink(daemon.path, own) == 0)
        defer {
            unlink(own)
            rmdir(runtime + "/videogend")
        }
        #expect(find(nil, ["XDG_RUNTIME_DIR": runtime]) == own)
        #expect(find(nil, ["XDG_RUNTIME_DIR": "relative"]) == "/run/videogend/control.sock")
    }
}
