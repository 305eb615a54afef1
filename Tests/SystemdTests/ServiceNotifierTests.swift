import Glibc
import Testing

@testable import Systemd

/// libsystemd looks at the process's own environment: whatever sets it runs in a process of its own.
@Suite("Service notifier")
struct ServiceNotifierTests {
    @Test("Every message arrives as the service manager expects it")
    func messages() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try expectMessages(abstract: false)
            exit(0)
        }
    }

    @Test("The manager's socket may have an abstract address")
    func abstractAddress() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try expectMessages(abstract: true)
            exit(0)
        }
    }

    @Test("Without a service manager nothing happens")
    func inactive() {
        for environment in [[:], ["NOTIFY_SOCKET": ""]] {
            let notifier = ServiceNotifier(environment: environment)
            #expect(!notifier.isActive)
            #expect(notifier.watchdogInterval == nil)
            #expect(!notifier.ready(status: "up"))
            #expect(!notifier.status("fine"))
            #expect(!notifier.reloading())
            #expect(!notifier.extendTimeout(by: .seconds(1)))
            #expect(!notifier.watchdog())
            #expect(!notifier.stopping(status: nil))
            #expect(!notifier.failed(errno: EIO, status: "gone"))
        }
    }

    @Test("A manager that is gone is no error to the service")
    func unreachable() async {
        await #expect(processExitsWith: .exitCode(0)) {
            setenv("NOTIFY_SOCKET", "/nowhere/notify", 1)
            let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nowhere/notify"])
            exit(notifier.isActive && !notifier.ready(status: nil) ? 0 : 1)
        }
    }

    @Test(
        "The watchdog's interval counts for the process that it is meant for",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
            (["WATCHDOG_USEC": "1500", "WATCHDOG_PID": "42"], .microseconds(1500)),
            (["WATCHDOG_USEC": "1500", "WATCHDOG_PID": "43"], nil),
            (["WATCHDOG_USEC": "1500", "WATCHDOG_PID": "me"], nil),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "-1"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
            (["WATCHDOG_PID": "42"], nil),
        ] as [([String: String], Duration?)]
    )
    func watchdogInterval(environment: [String: String], expected: Duration?) {
        #expect(ServiceNotifier.watchdogInterval(environment: environment, processID: 42) == expected)
    }

    @Test("A status is one line of bounded length")
    func statusLine() {
        #expect(ServiceNotifier.singleLine("3 jobs\r\nREADY=1\u{0}\u{1B}[31mé") == "3 jobs READY=1  [31mé")
        let long = ServiceNotifier.singleLine(String(repeating: "é", count: 4000))
        #expect(long == String(repeating: "é", count: 512))
    }
}

/// Sends every message and reads it back; ends the process with 1 at the first that differs.
///
/// - Parameter abstract: Whether the manager's address is an abstract one.
/// - Throws: What making the socket throws.
private func expectMessages(abstract: Bool) throws {
    try UnixSocket.with(SOCK_DGRAM, abstract: abstract) { manager in
        setenv("NOTIFY_SOCKET", manager.address, 1)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.address])
        expectOrExit(notifier.isActive)

        expectOrExit(notifier.ready(status: "up\nWATCHDOG=trigger"))
        expectOrExit(manager.datagram() == "READY=1\nSTATUS=up WATCHDOG=trigger")
        notifier.ready(status: nil)
        expectOrExit(manager.datagram() == "READY=1")
        notifier.status("2 jobs")
        expectOrExit(manager.datagram() == "STATUS=2 jobs")
        notifier.watchdog()
        expectOrExit(manager.datagram() == "WATCHDOG=1")
        notifier.extendTimeout(by: .milliseconds(2500))
        expectOrExit(manager.datagram() == "EXTEND_TIMEOUT_USEC=2500000")
        expectOrExit(!notifier.extendTimeout(by: .zero))
        notifier.stopping(status: "finishing")
        expectOrExit(manager.datagram() == "STOPPING=1\nSTATUS=finishing")
        notifier.failed(errno: ENOENT, status: "no state directory")
        expectOrExit(manager.datagram() == "ERRNO=2\nSTATUS=no state directory")

        let before = monotonicMicroseconds()
        notifier.reloading()
        let after = monotonicMicroseconds()
        let lines = (manager.datagram() ?? "").split(separator: "\n")
        expectOrExit(lines.count == 2 && lines[0] == "RELOADING=1")
        let time = lines[1].split(separator: "=")
        expectOrExit(time[0] == "MONOTONIC_USEC")
        expectOrExit(Int64(time[1]).map { (before...after).contains($0) } == true)

        // Nothing else was sent, and the address is still there for the next message.
        expectOrExit(manager.datagram() == nil)
        expectOrExit(getenv("NOTIFY_SOCKET") != nil)
    }
}

/// Ends this process when something is not so; it has no other way to tell.
///
/// - Parameters:
///   - condition: What should hold.
///   - line: Where, told on standard error.
func expectOrExit(_ condition: Bool, line: Int = #line) {
    if !condition {
        let text = "not so at line \(line)\n"
        write(STDERR_FILENO, text, text.utf8.count)
        exit(1)
    }
}

private func monotonicMicroseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
}
