import Glibc
import Testing

@testable import Systemd

@Suite("Credentials")
struct ServiceCredentialsTests {
    @Test("A credential is read without its last line break, and only one")
    func read() throws {
        try withTemporaryDirectory { directory in
            let credentials = ServiceCredentials(environment: ["CREDENTIALS_DIRECTORY": directory])
            for (content, expected) in [
                ("secret\n", "secret"), ("secret", "secret"), ("two\nlines\n\n", "two\nlines\n"),
                ("", ""), ("\n", ""),
            ] {
                try write(Array(content.utf8), to: "\(directory)/key")
                #expect(try credentials.credential(named: "key") == expected)
            }
        }
    }

    @Test("What is not there is nil")
    func absent() throws {
        try withTemporaryDirectory { directory in
            for environment in [
                ["CREDENTIALS_DIRECTORY": directory], ["CREDENTIALS_DIRECTORY": "\(directory)/missing"],
                ["CREDENTIALS_DIRECTORY": ""], [:],
            ] {
                let credentials = ServiceCredentials(environment: environment)
                let credential = try credentials.credential(named: "key")
                #expect(credential == nil)
            }
        }
    }

    @Test("What is there but cannot be used is an error that names the file, not its content")
    func unusable() throws {
        try withTemporaryDirectory { directory in
            let credentials = ServiceCredentials(environment: ["CREDENTIALS_DIRECTORY": directory])
            try write([0x73, 0xFF], to: "\(directory)/binary")
            try write([UInt8](repeating: 0x61, count: 65_537), to: "\(directory)/large")
            #expect(mkfifo("\(directory)/fifo", 0o600) == 0)
            #expect(symlink("loop", "\(directory)/loop") == 0)
            let expected: [(String, SystemdError.Code)] = [
                ("binary", .credentialInvalid), ("large", .credentialInvalid),
                ("fifo", .credentialUnreadable), ("loop", .credentialUnreadable),
            ]
            for (name, code) in expected {
                let error = #expect(throws: SystemdError.self) { try credentials.credential(named: name) }
                #expect(error?.code == code)
                #expect(error?.message.contains("\(directory)/\(name)") == true)
            }
        }
    }

    @Test("A credential of just the limit is read")
    func atLimit() throws {
        try withTemporaryDirectory { directory in
            try write([UInt8](repeating: 0x61, count: 65_536), to: "\(directory)/key")
            let credentials = ServiceCredentials(environment: ["CREDENTIALS_DIRECTORY": directory])
            #expect(try credentials.credential(named: "key")?.utf8.count == 65_536)
        }
    }

    @Test("A name leads nowhere else")
    func names() {
        let credentials = ServiceCredentials(environment: ["CREDENTIALS_DIRECTORY": "/etc"])
        for name in ["", ".", "..", "../passwd", "a/b", "a\0b"] {
            let error = #expect(throws: SystemdError.self) { try credentials.credential(named: name) }
            #expect(error?.code == .credentialInvalid)
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
    }
}
