import Glibc
import Testing

@testable import DaemonCore

/// A directory with configuration and key files, for the time of a closure.
struct ConfigurationFolder {
    let path: String

    static func with(_ body: (ConfigurationFolder) throws -> Void) throws {
        var template = Array("/tmp/vgc-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let folder = ConfigurationFolder(path: path)
        defer {
            for name in ["c.yaml", "key", "ca.pem"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
        try body(folder)
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try SmallFile.write(Array(text.utf8), to: file)
        chmod(file, mode)
        return file
    }

    /// What the daemon makes of a file and an environment.
    func load(
        _ yaml: String? = nil,
        _ environment: [String: String] = [:],
        uid: UInt32 = 0
    ) throws -> DaemonConfiguration {
        let file = try yaml.map { try write("c.yaml", $0) }
        return try ConfigurationLoader(place: Self.place(uid, environment), file: file).load()
    }

    /// The words of a refusal.
    func refusal(_ yaml: String? = nil, _ environment: [String: String] = [:], uid: UInt32 = 0) -> String {
        do {
            let configuration = try load(yaml, environment, uid: uid)
            return "not refused: \(configuration)"
        } catch {
            return "\(error)"
        }
    }

    static func place(_ uid: UInt32, _ environment: [String: String]) -> Place {
        Place(uid: uid, environment: environment, workingDirectory: "/work dir")
    }
}
