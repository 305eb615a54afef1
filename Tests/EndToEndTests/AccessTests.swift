import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    /// Who may see and do what, with real processes of other users.
    @Suite("Access", .enabled(if: Visitor.isPossible, "only root can become another user"))
    struct AccessTests {
        /// Users that every Debian has.
        private static let bin = 2
        private static let games = 5
        /// Nobody's number.
        private static let stranger = 54_321

        private static let request: JSONValue = ["request": ["model": "kling-video", "prompt": "mine"]]

        private func isNotFound(_ reply: JSONValue, _ id: JSONValue) -> Bool {
            let error = reply["error"]
            return error?["code"] == 40 && error?["data"]?["kind"] == "job.not_found"
                && error?["data"]?["charged"] == "no" && error?["data"]?["job_id"] == nil
                && error?["message"] == .string("there is no job '\(id.stringValue ?? "")'")
        }

        @Test("another's job looks like no job", .timeLimit(.minutes(2)))
        func ownership() throws {
            try DaemonFixture.with(environment: Visitor.environment) { fixture in
                Visitor.admit(to: fixture)
                try fixture.call("daemon.drain")
                let owner = Visitor(fixture: fixture, uid: Self.bin)
                let other = Visitor(fixture: fixture, uid: Self.games)
                let job = try owner.call("jobs.submit", Self.request)["job"] ?? .null
                let id = job["id"] ?? .null
                #expect(job["owner"] == ["uid": 2, "user": "bin"])
                #expect(try other.call("daemon.info")["you"] == ["uid": 5, "user": "games", "role": "user"])
                let missing: JSONValue = "0123456789abcdef"

                for (method, params) in [
                    ("jobs.get", [:]), ("jobs.wait", ["timeout_ms": 0]), ("jobs.cancel", [:]),
                    ("jobs.retry", [:]),
                    ("jobs.remove", [:]), ("jobs.extend", ["index": 0]),
                ] as [(String, JSONValue)] {
                    var object = params.objectValue ?? JSONObject()
                    object["id"] = id
                    let replyOfOther = try other.reply(method, .object(object))
                    #expect(isNotFound(replyOfOther, id), "\(method): \(replyOfOther.text)")
                    // Word for word what comes for a job that there is not.
                    object["id"] = missing
                    #expect(isNotFound(try other.reply(method, .object(object)), missing))
                }
                #expect(try other.call("jobs.list")["jobs"] == [])
                #expect(try other.call("jobs.list", ["owner": "bin"])["jobs"] == [])
                #expect(try other.call("jobs.list", ["owner": 2])["jobs"] == [])
                #expect(try other.subscription(["finished_s": 60])["snapshot"] == [])
                #expect(try other.subscription(["filter": ["id": id]])["snapshot"] == [])
                let counts = try other.call("daemon.status")["jobs"]?.objectValue?.members ?? []
                #expect(!counts.isEmpty && counts.allSatisfy { $0.value == 0 })
                #expect(try owner.call("daemon.status")["jobs"]?["queued"] == 1)
                #expect(try owner.call("jobs.list")["jobs"]?.arrayValue?.count == 1)
                #expect(try owner.call("jobs.get", ["id": id])["job"]?["id"] == id)
                // Administrators see all of it, by name and number too.
                for filter in ["bin", 2, "2"] as [JSONValue] {
                    #expect(try fixture.call("jobs.list", ["owner": filter])["jobs"]?.arrayValue?.count == 1)
                }
                #expect(try fixture.call("jobs.list", ["owner": "games"])["jobs"] == [])
                #expect(try fixture.call("daemon.status")["jobs"]?["queued"] == 1)
                // One and the same key of two users is two jobs.
                var keyed = Self.request.objectValue ?? JSONObject()
                keyed["client_key"] = "k"
                let first = try owner.call("jobs.submit", .object(keyed))
                let second = try other.call("jobs.submit", .object(keyed))
                #expect(first["duplicate"] == false && second["duplicate"] == false)
                #expect(try owner.call("jobs.submit", .object(keyed))["duplicate"] == true)
            }
        }

        @Test("events and counts of one's own only, over a restart too", .timeLimit(.minutes(2)))
        func events() throws {
            try DaemonFixture.with(environment: Visitor.environment) { fixture in
                Visitor.admit(to: fixture)
                let owner = Visitor(fixture: fixture, uid: Self.bin)
                let other = Visitor(fixture: fixture, uid: Self.games)
                let subscribe = [requestLine("events.subscribe")]
                let ownerStream = try owner.start(subscribe, "stream", seconds: 60)
                let otherStream = try other.start(subscribe, "stream", seconds: 60)
                let deadline = Deadline(after: .seconds(15))
                for stream in [ownerStream, otherStream] {
                    try deadline.first("a snapshot") { try stream.received().isEmpty ? nil : true }
                }
                let id = try owner.call("jobs.submit", Self.request)["job"]?["id"] ?? .null
                _ = try fixture.finished(id.stringValue ?? "")
                try deadline.first("the end in the owner's stream") {
                    try ownerStream.received().contains { $0["params"]?["job"]?["state"] == "completed" }
                        ? true : nil
                }
                #expect(try otherStream.received().allSatisfy { $0["params"]?["job"] == nil })
                #expect(try owner.call("daemon.status")["jobs"]?["completed"] == 1)
                try fixture.terminate()
                try fixture.start()
                #expect(try owner.call("daemon.status")["jobs"]?["completed"] == 1)
                #expect(try other.call("daemon.status")["jobs"]?["completed"] == 0)
                _ = try owner.call("jobs.remove", ["id": id])
                #expect(try owner.call("daemon.status")["jobs"]?["completed"] == 0)
            }
        }

        @Test("what is for administrators, and who is one", .timeLimit(.minutes(2)))
        func administrators() throws {
            try DaemonFixture.with(environment: Visitor.environment, starts: false) { fixture in
                Visitor.admit(to: fixture)
                func configure(_ lines: String) throws {
                    try fixture.folder.write("videogend.yaml", lines)
                }
                try configure("control:\n  admins: [bin, '@games']\n")
                try fixture.start([
                    try Programs.path("videogend"), "--config", fixture.folder("videogend.yaml"),
                ])
                let admins = [
                    Visitor(fixture: fixture, uid: Self.bin),
                    Visitor(fixture: fixture, uid: Self.stranger, groups: [60]),
                ]
                let user = Visitor(fixture: fixture, uid: Self.stranger)
                for admin in admins {
                    #expect(try admin.call("daemon.info")["you"]?["role"] == "admin")
                    #expect(try admin.call("daemon.drain")["state"] == "draining")
                }
                let you = try user.call("daemon.info")["you"]
                #expect(you == ["uid": 54_321, "user": "54321", "role": "user"])
                let job = try user.call("jobs.submit", Self.request)["job"]
                #expect(job?["owner"] == ["uid": 54_321, "user": "54321"])
                for method in ["daemon.drain", "daemon.resume", "daemon.reload", "runs.list", "state.backup"]
                {
                    let error = try user.reply(method)["error"]
                    #expect(error?["code"] == 10 && error?["data"]?["kind"] == "access.denied", "\(method)")
                    #expect(error?["data"]?["charged"] == "no" && error?["data"]?["retryable"] == false)
                    #expect(error?["data"]?["hint"]?.stringValue?.isEmpty == false)
                }
                let adopted = try user.reply("runs.adopt", ["run_id": "x"])
                #expect(adopted["error"]?["code"] == 10)
                #expect(try admins[0].call("jobs.list")["jobs"]?.arrayValue?.count == 1)

                // A reload takes rights away, from streams that are open too.
                let stream = try admins[0].start([requestLine("events.subscribe")], "stream", seconds: 60)
                try Deadline(after: .seconds(15)).first("a snapshot") {
                    try stream.received().isEmpty ? nil : true
                }
                try configure("control:\n  admins: []\n")
                #expect(try fixture.call("daemon.reload")["changed"] == ["control.admins"])
                #expect(try admins[0].call("daemon.info")["you"]?["role"] == "user")
                #expect(try admins[0].reply("daemon.resume")["error"]?["code"] == 10)
                #expect(try admins[0].call("jobs.list")["jobs"] == [])
                _ = try user.call("jobs.cancel", ["id": job?["id"] ?? .null])
                try fixture.call("daemon.resume")
                try Deadline(after: .seconds(15)).first("the daemon's event") {
                    try stream.received().contains { $0["params"]?["state"] == "running" } ? true : nil
                }
                #expect(try stream.received().allSatisfy { $0["params"]?["job"] == nil })
            }
        }

        @Test(
            "visibility all: everybody sees, only the owner's and admins' calls change",
            .timeLimit(.minutes(1))
        )
        func visibility() throws {
            let all = Visitor.environment.merging(["VIDEOGEND_CONTROL_VISIBILITY": "all"]) { $1 }
            try DaemonFixture.with(environment: all) { fixture in
                Visitor.admit(to: fixture)
                try fixture.call("daemon.drain")
                let owner = Visitor(fixture: fixture, uid: Self.bin)
                let other = Visitor(fixture: fixture, uid: Self.games)
                let id = try owner.call("jobs.submit", Self.request)["job"]?["id"] ?? .null
                #expect(try other.call("jobs.get", ["id": id])["job"]?["owner"]?["user"] == "bin")
                #expect(try other.call("jobs.list", ["owner": "bin"])["jobs"]?.arrayValue?.count == 1)
                #expect(try other.call("daemon.status")["jobs"]?["queued"] == 1)
                #expect(try other.subscription()["snapshot"]?.arrayValue?.count == 1)
                for method in ["jobs.cancel", "jobs.retry", "jobs.remove"] {
                    let error = try other.reply(method, ["id": id])["error"]
                    #expect(error?["code"] == 10 && error?["data"]?["kind"] == "access.denied", "\(method)")
                }
                #expect(try other.call("daemon.info")["you"]?["role"] == "user")
                #expect(try owner.call("jobs.cancel", ["id": id])["saves_money"] == "yes")
            }
        }

        @Test("nobody is refused, and limits count per user", .timeLimit(.minutes(1)))
        func refusals() throws {
            let limited = Visitor.environment.merging(["VIDEOGEND_CONTROL_CONNECTIONS_PER_UID": "2"]) { $1 }
            try DaemonFixture.with(environment: limited) { fixture in
                Visitor.admit(to: fixture)
                let nobody = try Visitor(fixture: fixture, uid: 65_534).talk([requestLine("daemon.info")])
                #expect(nobody.count == 1)
                #expect(nobody.first?["id"]?.isNull == true && nobody.first?["error"]?["code"] == 10)
                let connections = try (0..<2).map { _ in try RawConnection(fixture.socket) }
                for connection in connections {
                    #expect(try connection.ask(requestLine("daemon.info"))["result"] != nil)
                }
                let third = try RawConnection(fixture.socket)
                #expect(try third.ask(requestLine("daemon.info"))["error"]?["code"] == 11)
                // Root's connections do not count for others.
                let other = Visitor(fixture: fixture, uid: Self.games)
                #expect(try other.call("daemon.info")["you"]?["uid"] == 5)
            }
            // The mode of the socket is the first gate.
            try DaemonFixture.with(environment: ["VIDEOGEND_CONTROL_MODE": "0660"]) { fixture in
                Visitor.admit(to: fixture)
                #expect(throws: EndToEndError.self) {
                    try Visitor(fixture: fixture, uid: Self.games).call("daemon.info")
                }
            }
        }
    }
}
