import Glibc
import Logging
import Testing

@testable import Systemd

@Suite("Log lines")
struct StandardErrorLogHandlerTests {
    private static let noon: @Sendable () -> Duration = { .seconds(1_767_268_800) + .milliseconds(7) }

    @Test("A line has time, level, message and metadata by key")
    func line() throws {
        let lines = try written { file in
            var handler = StandardErrorLogHandler(
                metadataProvider: Logger.MetadataProvider { ["b": "provider", "c": "provider"] },
                fileDescriptor: file,
                now: Self.noon
            )
            handler[metadataKey: "a"] = "handler"
            handler[metadataKey: "b"] = "handler"
            handler.log(event: .sample("job published", ["c": "event", "message.id": "00"]))
            handler.log(event: .sample("disk full", nil, level: .warning))
        }
        #expect(
            lines == """
                2026-01-01T12:00:00.007Z info  job published a=handler b=provider c=event
                2026-01-01T12:00:00.007Z warning disk full a=handler b=provider c=provider

                """
        )
    }

    @Test("A service manager without the journal gets the priority in front")
    func syslogPrefix() throws {
        let expected: [(Logger.Level, Int)] = [
            (.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
        ]
        for (level, priority) in expected {
            let line = try written { file in
                let handler = StandardErrorLogHandler(syslogPrefix: true, fileDescriptor: file)
                handler.log(event: .sample("message", ["k": "v"], level: level))
            }
            #expect(line == "<\(priority)>message k=v\n")
        }
    }

    @Test("Strangers' text neither breaks the line nor reaches the terminal's controls")
    func escaping() throws {
        let line = try written { file in
            StandardErrorLogHandler(fileDescriptor: file, now: Self.noon).log(
                event: .sample("a\nb\u{1B}[2J", ["k": "x\ny \"z\" \\", "l": "", "m": "é=1"])
            )
        }
        #expect(
            line == #"2026-01-01T12:00:00.007Z info  a\nb\u{1b}[2J k="x\ny \"z\" \\" l="" m="é=1""# + "\n"
        )
    }

    @Test("The error of an event is shown unless the key is taken")
    func error() throws {
        let failure = SystemdError(.wrongSocket, "no socket")
        let line = try written { file in
            let handler = StandardErrorLogHandler(syslogPrefix: true, fileDescriptor: file)
            handler.log(event: .sample("failed", nil, error: failure))
            handler.log(event: .sample("failed", ["error": "mine"], error: failure))
        }
        #expect(line == "<6>failed error=\"no socket\"\n<6>failed error=mine\n")
    }

    @Test("Times are written with all their zeros")
    func timestamps() {
        #expect(StandardErrorLogHandler.timestamp(.zero) == "1970-01-01T00:00:00.000Z")
        #expect(
            StandardErrorLogHandler.timestamp(.seconds(951_782_400) + .nanoseconds(999_999_999))
                == "2000-02-29T00:00:00.999Z"
        )
    }

    @Test("A log that cannot be written is no error to the program")
    func closed() {
        StandardErrorLogHandler(fileDescriptor: 100_000).log(event: .sample("lost", nil))
    }

    /// Gives a pipe to a closure and returns what it wrote; each line must fit into the pipe.
    private func written(_ body: (Int32) -> Void) throws -> String {
        var pipes: [Int32] = [0, 0]
        try #require(pipe(&pipes) == 0)
        defer { close(pipes[0]) }
        body(pipes[1])
        close(pipes[1])
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(pipes[0], &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}

extension LogEvent {
    /// An event from nowhere in particular.
    static func sample(
        _ message: Logger.Message,
        _ metadata: Logger.Metadata?,
        level: Logger.Level = .info,
        error: (any Error)? = nil
    ) -> LogEvent {
        LogEvent(
            level: level,
            message: message,
            error: error,
            metadata: metadata,
            source: "Tests",
            file: "Tests/Sample.swift",
            function: "sample()",
            line: 7
        )
    }
}
