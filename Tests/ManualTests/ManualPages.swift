import ArgumentParser
import ControlProtocol
import DaemonCore
import Glibc
import JSON
import Manual

@testable import nanogpt_simulator
@testable import videogenctl
@testable import videogend

/// The manual pages of the repository: `man/templates/NAME` is what people write, `man/NAME` what is installed.
enum ManualPages {
    static let names = [
        "videogend.8", "videogenctl.1", "nanogpt-simulator.1", "videogend.yaml.5", "videogend-protocol.7",
    ]

    /// The repository.
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    static func manual() throws -> ReferenceManual {
        ReferenceManual(
            programs: [
                "videogend": try JSONParser.parse(Array(VideogendCommand._dumpHelp().utf8)),
                "videogenctl": try JSONParser.parse(Array(videogenctl.Program._dumpHelp().utf8)),
                "nanogpt-simulator": try JSONParser.parse(Array(nanogpt_simulator.Program._dumpHelp().utf8)),
            ],
            // The text must not change with every version.
            protocolDocument: OpenRPC.document(version: Daemon.version)
        )
    }

    static func read(_ path: String) throws -> String {
        guard let file = fopen("\(root)/\(path)", "r") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }

    static func write(_ text: String, to path: String) throws {
        guard let file = fopen("\(root)/\(path)", "w") else { throw Missing(path: path) }
        fputs(text, file)
        guard fclose(file) == 0 else { throw Missing(path: path) }
    }

    struct Missing: Error {
        let path: String
    }
}
