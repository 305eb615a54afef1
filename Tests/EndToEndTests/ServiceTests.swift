import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("What systemd is told and passes")
    struct ServiceTests {
        @Test("READY, STATUS, RELOADING, WATCHDOG, STOPPING", .timeLimit(.minutes(1)))
        func messages() throws {
            try DaemonFixture.with(environment: ["WATCHDOG_USEC": "1000000"]) { fixture in
                let process = try fixture.process()
                let notifications = fixture.notifications
                let ready = notifications.received.first { $0["READY"] == "1" }
                if ready?["STATUS"] == nil {
                    try notifications.wait(.seconds(5), from: process, "STATUS") {
                        $0["STATUS"]?.isEmpty == false
                    }
                }
                for _ in 0..<3 {
                    try notifications.wait(.seconds(2), from: process, "WATCHDOG") { $0["WATCHDOG"] == "1" }
                }
                let before = try clock()
                process.send(SIGHUP)
                let reloading = try notifications.wait(.seconds(5), from: process, "RELOADING") {
                    $0["RELOADING"] == "1"
                }
                let time = try #require(reloading["MONOTONIC_USEC"].flatMap { Int($0) })
                #expect(time >= before)
                #expect(try time <= clock())
                try notifications.wait(.seconds(5), from: process, "READY after a reload") {
                    $0["READY"] == "1"
                }

                let id = try fixture.submit("slow answer [[simulate: slow-accept=2]]")
                try notifications.wait(.seconds(5), from: process, "STATUS with a job") {
                    $0["STATUS"]?.contains("1") ?? false
                }
                #expect(try fixture.job(id)["state"] == "submitting")
                process.send(SIGTERM)
                var extends = false
                try notifications.wait(.seconds(5), from: process, "STOPPING") {
                    extends = extends || $0["EXTEND_TIMEOUT_USEC"] != nil
                    return $0["STOPPING"] == "1"
                }
                if !extends {
                    let message = try notifications.wait(.seconds(5), from: process, "EXTEND_TIMEOUT_USEC") {
                        $0["EXTEND_TIMEOUT_USEC"] != nil
                    }
                    #expect(message["EXTEND_TIMEOUT_USEC"].flatMap { Int($0) } ?? 0 > 0)
                }
                #expect(try process.wait(.seconds(35)) == 0)
            }
        }

        @Test("a SIGHUP during the start does not end the daemon", .timeLimit(.minutes(1)))
        func earlyReload() throws {
            try DaemonFixture.with(starts: false) { fixture in
                // A busy machine may let us look only when the start is over; then once more.
                for _ in 0..<5 {
                    try fixture.launch()
                    let process = try fixture.process()
                    let wasEarly = ignoresHangup(process, before: fixture.socket)
                    for _ in 0..<20 where wasEarly {
                        process.send(SIGHUP)
                        usleep(2000)
                    }
                    try fixture.waitUntilReady()
                    if wasEarly {
                        // Once it is up, the same signal reloads.
                        try Deadline(after: .seconds(10)).first("RELOADING") {
                            process.send(SIGHUP)
                            fixture.notifications.drain()
                            return fixture.notifications.received.contains { $0["RELOADING"] == "1" }
                                ? true : nil
                        }
                        #expect(try fixture.terminate() == 0)
                        return
                    }
                    try fixture.terminate()
                }
                Issue.record("no daemon ignored SIGHUP before it had its socket")
            }
        }

        /// Waits until a process ignores SIGHUP.
        ///
        /// - Returns: Whether it did so before a path existed.
        private func ignoresHangup(_ process: ProcessHandle, before path: String) -> Bool {
            let deadline = Deadline(after: .seconds(10))
            while access(path, F_OK) != 0, deadline.remaining > .zero {
                let line = TestFolder.text(of: "/proc/\(process.pid)/status").split(separator: "\n").first {
                    $0.hasPrefix("SigIgn:")
                }
                let mask = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
                if let mask, mask & 1 << UInt64(SIGHUP - 1) != 0 {
                    return true
                }
                usleep(1000)
            }
            return false
        }

        @Test("the socket that systemd passes", .timeLimit(.minutes(1)))
        func activation() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let path = fixture.folder("passed")
                let listening = try UnixAddress.bound(path, SOCK_STREAM)
                defer { close(listening) }
                #expect(listen(listening, 16) == 0)
                let program = try Programs.path("videogend")
                try fixture.start(
                    ["sh", "-c", "LISTEN_FDS=1 LISTEN_PID=$$ exec \(program)"],
                    listening: listening
                )
                let client = try ControlClient(connectingTo: path)
                #expect(try client.call("daemon.info", timeout: .seconds(5))["name"] == "videogend")
                #expect(access(fixture.socket, F_OK) != 0, "it made a socket of its own")
                #expect(try fixture.terminate() == 0)
                #expect(access(path, F_OK) == 0, "it removed a socket that is systemd's")
            }
        }

        /// `CLOCK_MONOTONIC` in microseconds, which systemd compares with.
        private func clock() throws -> Int {
            var time = timespec()
            try #require(clock_gettime(CLOCK_MONOTONIC, &time) == 0)
            return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
        }
    }
}
