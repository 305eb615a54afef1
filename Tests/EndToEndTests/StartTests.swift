import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Start and stop")
    struct StartTests {
        @Test("a bad configuration: 78, and the message names file, key and reason", .timeLimit(.minutes(1)))
        func badConfiguration() throws {
            try DaemonFixture.with(starts: false) { fixture in
                func refused(_ yaml: String, _ words: String...) throws {
                    let file = try fixture.folder.write("bad.yaml", yaml)
                    let (status, error) = try fixture.refusedStart(["--config", file])
                    #expect(status == 78, "\(error)")
                    for word in [file] + words {
                        #expect(error.contains(word), "\(error)")
                    }
                }
                try refused("polling:\n  maximum: often\n", "polling.maximum", "often")
                try refused("api:\n  base_uri: https://x.example\n", "api.base_uri")
                try refused("api: [\n", "line")
                let (status, error) = try fixture.refusedStart(changing: [
                    "VIDEOGEND_API_REQUEST_TIMEOUT": "soon"
                ])
                #expect(
                    status == 78 && error.contains("VIDEOGEND_API_REQUEST_TIMEOUT") && error.contains("soon")
                )
                let missing = try fixture.refusedStart(["--config", fixture.folder("none.yaml")])
                #expect(missing.status == 78 && missing.error.contains(fixture.folder("none.yaml")))
                let checked = try fixture.refusedStart(
                    ["--check-config"],
                    changing: ["VIDEOGEND_POLLING_MINIMUM": "-1s"]
                )
                #expect(checked.status == 78)
                #expect(try fixture.refusedStart(["--check-config"]).status == 0)
                #expect(try fixture.refusedStart(["--version"]).status == 0)
                #expect(try fixture.refusedStart(["--bogus"]).status == 64)
                #expect(try fixture.refusedStart(["surplus"]).status == 64)
            }
        }

        @Test("no key, or one that others can read: 78", .timeLimit(.minutes(1)))
        func badKey() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let none = try fixture.refusedStart(changing: ["NANOGPT_API_KEY": nil])
                #expect(none.status == 78 && none.error.contains("NANOGPT_API_KEY"), "\(none.error)")
                let file = try fixture.folder.write("key", "secret-of-the-file\n", mode: 0o644)
                let open = try fixture.refusedStart(changing: [
                    "NANOGPT_API_KEY": nil, "VIDEOGEND_API_KEY_FILE": file,
                ])
                #expect(open.status == 78 && open.error.contains(file), "\(open.error)")
                #expect(!open.error.contains("secret-of-the-file"))
                let absent = try fixture.refusedStart(changing: [
                    "NANOGPT_API_KEY": nil, "VIDEOGEND_API_KEY_FILE": fixture.folder("nothing"),
                ])
                #expect(
                    absent.status == 78 && absent.error.contains(fixture.folder("nothing")),
                    "\(absent.error)"
                )
            }
        }

        @Test("taken or unusable socket and state directory: 69", .timeLimit(.minutes(1)))
        func unusable() throws {
            try DaemonFixture.with { fixture in
                let second = try fixture.refusedStart(changing: [
                    "VIDEOGEND_CONTROL_SOCKET": fixture.folder("s2")
                ])
                #expect(
                    second.status == 69 && second.error.contains(fixture.folder("state")),
                    "\(second.error)"
                )
                let occupied = try fixture.refusedStart(changing: [
                    "VIDEOGEND_STATE_DIRECTORY": fixture.folder("state2")
                ])
                #expect(occupied.status == 69 && occupied.error.contains(fixture.socket), "\(occupied.error)")
                let file = try fixture.folder.write("file", "")
                let below = try fixture.refusedStart(changing: [
                    "VIDEOGEND_STATE_DIRECTORY": "\(file)/state",
                    "VIDEOGEND_CONTROL_SOCKET": fixture.folder("s3"),
                ])
                #expect(below.status == 69 && below.error.contains("\(file)/state"), "\(below.error)")
                // The first one goes on.
                #expect(try fixture.run("after all that")["state"] == "completed")
            }
        }

        @Test("a socket file that nobody listens on is taken over", .timeLimit(.minutes(1)))
        func staleSocket() throws {
            try DaemonFixture.with { fixture in
                try fixture.kill()
                #expect(access(fixture.socket, F_OK) == 0)
                try fixture.start()
                #expect(try fixture.run("again")["state"] == "completed")
            }
        }

        @Test("SIGTERM with jobs in flight: 0, and nothing is sent again", .timeLimit(.minutes(1)))
        func terminated() throws {
            try DaemonFixture.with { fixture in
                let slow = try fixture.submit("slow answer [[simulate: slow-accept=2]]")
                let stuck = try fixture.submit("stuck [[simulate: stuck]]")
                let loading = try fixture.submit("loading [[simulate: video-bytes=90000, trickle=20000]]")
                try fixture.follow(stuck, until: "in_queue")
                try fixture.follow(loading, until: "downloading")
                #expect(try fixture.terminate() == 0)
                #expect(access(fixture.socket, F_OK) != 0, "the socket is left behind")
                #expect(try fixture.simulator.ledger().charges.count == 3)
                try fixture.start()
                #expect(try fixture.job(stuck)["state"] == "in_queue")
                try fixture.simulator.post("finish", [:])
                for id in [slow, stuck, loading] {
                    #expect(try fixture.finished(id)["state"] == "completed")
                }
                #expect(try fixture.simulator.ledger().charges.count == 3)
            }
        }
    }
}
