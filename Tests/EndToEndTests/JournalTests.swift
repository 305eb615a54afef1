import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("The journal")
    struct JournalTests {
        private func stateNames(_ fixture: DaemonFixture) -> [String] {
            TestFolder.names(in: fixture.folder("state"))
        }

        private func journal(_ fixture: DaemonFixture) -> String {
            fixture.folder("state/journal.sqlite")
        }

        /// Runs SQL and returns the first column of what it brings.
        private func sql(_ statement: String, on path: String) throws -> [String] {
            let program = """
                import sqlite3, sys
                database = sqlite3.connect(sys.argv[1])
                for row in database.execute(sys.argv[2]):
                    print(row[0])
                database.commit()
                """
            let result = try Programs.run(["python3", "-c", program, path, statement])
            guard result.status == 0 else { throw EndToEndError(result.error) }
            return result.output.split(separator: "\n").map(String.init)
        }

        // MARK: Damaged

        @Test(
            "a damaged journal is kept aside; its runs are offered, and nothing is sent before the resume",
            .timeLimit(.minutes(1))
        )
        func damaged() throws {
            try DaemonFixture.with { fixture in
                let done = try fixture.run("done")
                #expect(done["state"] == "completed")
                let running = try fixture.submit("running [[simulate: stuck]]")
                let job = try fixture.follow(running, until: "in_queue")
                let run = job["run_id"]?.stringValue ?? "none"
                try fixture.kill()
                // The log is emptied into the database first, so that the damage cannot be mended from there.
                _ = try sql("PRAGMA wal_checkpoint(TRUNCATE)", on: journal(fixture))
                var bytes = TestFolder.contents(of: journal(fixture))
                for index in 4096..<min(bytes.count, 20480) {
                    bytes[index] = 0xA5
                }
                try fixture.folder.write("state/journal.sqlite", bytes: bytes)

                try fixture.start()
                let aside = stateNames(fixture).filter { $0.hasPrefix("journal.sqlite.corrupt-") }
                #expect(aside.count == 1)
                #expect(TestFolder.contents(of: fixture.folder("state/\(aside.first ?? "")")) == bytes)
                #expect(TestFolder.text(of: fixture.folder("daemon.log")).contains(aside.first ?? "none"))
                let status = try fixture.control(["--json", "status"])
                #expect(status.output.contains("draining"))
                let waiting = try fixture.submit("waiting")
                let reason = try fixture.job(waiting)["reason"]?.stringValue ?? ""
                #expect(reason.contains("recover") && reason.contains("resume"), "\(reason)")

                let offered = try fixture.control(["--json", "recover"])
                #expect(offered.status == 0 && offered.output.contains(run), "\(offered)")
                let adopted = try fixture.control(["recover", "--adopt", run])
                #expect(adopted.status == 0, "\(adopted)")
                let id = adopted.output.filter { !$0.isWhitespace }
                try fixture.simulator.post("finish", [:])
                #expect(try fixture.finished(id)["state"] == "completed")

                // Drained also after another start: only a person ends it.
                #expect(try fixture.terminate() == 0)
                try fixture.start()
                #expect(try fixture.job(waiting)["state"] == "queued")
                #expect(try fixture.simulator.ledger().charges.count == 2)
                #expect(try fixture.control(["resume"]).status == 0)
                #expect(try fixture.finished(waiting)["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 3)
                #expect(stateNames(fixture).filter { $0.hasPrefix("journal.sqlite.corrupt-") } == aside)
                // The file of the job that nobody knows any more stays, too.
                #expect(TestFolder.names(in: fixture.output).count == 6)
            }
        }

        // MARK: Other versions

        @Test(
            "a newer schema, stopped or killed: 78, and every file stays as it is",
            .timeLimit(.minutes(1)),
            arguments: [true, false]
        )
        func newer(_ isKilled: Bool) throws {
            try DaemonFixture.with { fixture in
                #expect(try fixture.run("x")["state"] == "completed")
                if isKilled {
                    try fixture.kill()
                } else {
                    #expect(try fixture.terminate() == 0)
                }
                let program = """
                    import os, sqlite3, sys
                    database = sqlite3.connect(sys.argv[1])
                    database.execute("PRAGMA user_version = 99")
                    database.execute("CREATE TABLE thing_of_tomorrow (name TEXT)")
                    database.commit()
                    if sys.argv[2] == "killed":
                        os._exit(0)
                    database.close()
                    """
                let word = isKilled ? "killed" : "stopped"
                let made = try Programs.run(["python3", "-c", program, journal(fixture), word])
                #expect(made.status == 0, "\(made.error)")
                func contents() -> [String: [UInt8]] {
                    let names = stateNames(fixture).filter { $0.hasPrefix("journal") }
                    return Dictionary(
                        uniqueKeysWithValues: names.map {
                            ($0, TestFolder.contents(of: fixture.folder("state/\($0)")))
                        }
                    )
                }
                let before = contents()
                #expect(before.keys.contains("journal.sqlite-wal") == isKilled)
                for _ in 0..<2 {
                    let refused = try fixture.refusedStart()
                    #expect(refused.status == 78)
                    #expect(refused.error.contains(journal(fixture)) && refused.error.contains("99"))
                }
                #expect(contents() == before)
            }
        }

        @Test("the database of the first released version is taken over", .timeLimit(.minutes(1)))
        func released() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
                let bytes = TestFolder.contents(of: "\(tests)/JobStoreTests/Fixtures/journal-1.sqlite")
                #expect(!bytes.isEmpty)
                _ = try fixture.folder.makeDirectory("state")
                try fixture.folder.write("state/journal.sqlite", bytes: bytes)
                try fixture.start()
                let jobs = try fixture.call("jobs.list", ["limit": 100])["jobs"]?.arrayValue ?? []
                let words = Set(jobs.compactMap { $0["state"]?.stringValue })
                #expect(jobs.count == 17)
                #expect(
                    words.isSuperset(of: ["completed", "failed", "canceled", "held", "queued"]),
                    "\(words)"
                )
                #expect(try fixture.call("daemon.status")["state"] == "draining")
                #expect(try fixture.terminate() == 0)
                #expect(try sql("PRAGMA integrity_check", on: journal(fixture)) == ["ok"])
            }
        }

        // MARK: Copies

        @Test(
            "a copy made under load is sound, and restored it starts drained and pays nothing twice",
            .timeLimit(.minutes(1))
        )
        func backup() throws {
            try DaemonFixture.with { fixture in
                let before = try (0..<30).map { try fixture.submit("before \($0)") }
                let copies = try (0..<3).map { _ in try copy(fixture) }
                let after = try (0..<30).map { try fixture.submit("after \($0)") }
                let last = try copy(fixture)
                for path in copies + [last] {
                    #expect(path.hasPrefix(fixture.folder("state/backups/")))
                    #expect(try sql("PRAGMA integrity_check", on: path) == ["ok"])
                }
                #expect(Set(copies + [last]).count == 4)
                #expect(try sql("SELECT COUNT(*) FROM job", on: last) == ["60"])
                for id in before + after {
                    #expect(try fixture.finished(id)["state"] == "completed")
                }
                let final = try copy(fixture)
                let lost = try fixture.submit("of which the copy knows nothing [[simulate: stuck]]")
                let run = try fixture.follow(lost, until: "in_queue")["run_id"]?.stringValue ?? "none"
                // The commonest mistake: the old log is still there.
                try fixture.kill()
                try fixture.folder.write("state/journal.sqlite", bytes: TestFolder.contents(of: final))
                try fixture.start()
                #expect(try fixture.call("daemon.status")["state"] == "draining")
                #expect(stateNames(fixture).contains { $0.contains("stale") })
                for id in before + after {
                    #expect(try fixture.job(id)["state"] == "completed")
                }
                let fresh = try fixture.submit("fresh")
                let reason = try fixture.job(fresh)["reason"]?.stringValue ?? ""
                #expect(reason.contains("restored from a copy"), "\(reason)")
                #expect(try fixture.control(["--json", "recover"]).output.contains(run))
                let adopted = try fixture.control(["recover", "--adopt", run])
                let id = adopted.output.filter { !$0.isWhitespace }
                try fixture.simulator.post("finish", [:])
                #expect(try fixture.finished(id)["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 61)
                #expect(try fixture.control(["resume"]).status == 0)
                #expect(try fixture.finished(fresh)["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 62)
                #expect(TestFolder.names(in: fixture.output).count == 2 * 62)
            }
        }

        private func copy(_ fixture: DaemonFixture) throws -> String {
            let result = try fixture.control(["backup"])
            #expect(result.status == 0, "\(result)")
            return result.output.filter { !$0.isNewline }
        }

        // MARK: No room

        @Test(
            "a full state directory: nothing is sent, the status says why, and all goes on with room",
            .timeLimit(.minutes(1)),
            .enabled(if: SmallFileSystem.isPossible, "\(SmallFileSystem.reason)")
        )
        func full() throws {
            try DaemonFixture.with(starts: false) { fixture in
                try SmallFileSystem.with(fixture.folder("state"), size: "2m") { system in
                    try fixture.start()
                    #expect(try fixture.run("with room")["state"] == "completed")
                    let paid = try fixture.submit("paid [[simulate: stuck]]")
                    try fixture.follow(paid, until: "in_queue")
                    let ballast = try system.fill()
                    // What fits into the rest of the log's last page is still taken: many at once do not.
                    let client = try fixture.connect()
                    let params: JSONValue = [
                        "request": [
                            "model": "kling-video",
                            "prompt": .string(String(repeating: "words ", count: 200)),
                        ]
                    ]
                    let calls = try (0..<20).map { _ in
                        try client.start("jobs.submit", params.objectValue ?? JSONObject())
                    }
                    let reason = try Deadline(after: .seconds(20)).first("a status that tells of it") {
                        let journal = try fixture.call("daemon.status")["journal"]
                        return journal?["writable"] == false ? journal?["reason"]?.stringValue : nil
                    }
                    #expect(reason.contains(journal(fixture)), "\(reason)")
                    let charges = try fixture.simulator.ledger().charges.count
                    let refusal = try fixture.refusal("jobs.submit", params)
                    #expect(refusal.kind == "state.unavailable", "\(refusal)")
                    // The run ends, but nothing that follows from it happens before it is on disk.
                    try fixture.simulator.post("finish", [:])
                    _ = Deadline(after: .seconds(2)).firstReadable(of: [])
                    #expect(try fixture.simulator.ledger().charges.count == charges)
                    #expect(TestFolder.names(in: fixture.output).count == 2)

                    unlink(ballast)
                    var accepted = 0
                    for call in calls {
                        do {
                            let result = try client.result(
                                of: call,
                                until: SystemTime.monotonic + .seconds(30)
                            )
                            let id = result?["job"]?["id"]?.stringValue ?? "none"
                            #expect(try fixture.finished(id)["state"] == "completed")
                            accepted += 1
                        } catch let error as ControlClientError where error.code == .remote {
                            // It came when the trouble was known.
                            #expect(error.reply?.kind == "state.unavailable", "\(error)")
                            #expect(error.reply?.charged == "no", "\(error)")
                        }
                    }
                    #expect(accepted >= 1)
                    #expect(try fixture.finished(paid)["state"] == "completed")
                    #expect(try fixture.call("daemon.status")["journal"]?["writable"] == true)
                    #expect(try fixture.simulator.ledger().charges.count == 2 + accepted)
                    #expect(try fixture.terminate() == 0)
                }
            }
        }

        // MARK: Large

        @Test(
            "10 000 live and 100 000 finished jobs: ready soon, and a few kilobytes for each live one",
            .timeLimit(.minutes(2))
        )
        func large() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let queued = try fixture.submit(
                    "a lighthouse in the fog, slow aerial shot",
                    key: "key-of-queued"
                )
                let canceled = try fixture.submit("another one", key: "key-of-canceled")
                try fixture.call("jobs.cancel", ["id": .string(canceled)])
                let empty = try memory(fixture)
                #expect(try fixture.terminate() == 0)
                try multiply(queued, 10_000, from: 0, in: fixture)
                try fixture.start()
                let each = (try memory(fixture) - empty) / 10_000
                #expect(try fixture.terminate() == 0)
                try multiply(canceled, 100_000, from: 20_000_000, in: fixture)
                let start = SystemTime.monotonic
                try fixture.start()
                let ready = SystemTime.monotonic - start
                let counts = try fixture.call("daemon.status")["jobs"]
                #expect(counts?["queued"] == 10_001 && counts?["canceled"] == 100_001)
                print("\(each) bytes for each live job; with 100 000 finished ones READY after \(ready)")
                #expect(each < 8192)
                // Optimised it is below a second (make bench); this finds what grows with the square.
                #expect(ready < .seconds(20))
                #expect(try memory(fixture) < 200 << 20)
                #expect(try fixture.terminate() == 0)
            }
        }

        /// Adds rows like a job's, with identifiers and client keys of their own.
        private func multiply(_ id: String, _ count: Int, from first: Int, in fixture: DaemonFixture) throws {
            let program = """
                import sqlite3, sys
                path, pattern = sys.argv[1:3]
                numbers = range(int(sys.argv[4]), int(sys.argv[4]) + int(sys.argv[3]))
                database = sqlite3.connect(path)
                job = database.execute("SELECT * FROM job WHERE id = ?", (pattern,)).fetchone()
                columns = [row[1] for row in database.execute("PRAGMA table_info(job)")]
                record, number = columns.index("record"), columns.index("id")
                text = job[record].decode()
                key = database.execute("SELECT * FROM client_key WHERE job = ?", (pattern,)).fetchone()
                def rows():
                    for n in numbers:
                        name = pattern[:8] + format(n, "08d")
                        row = list(job)
                        row[number] = name
                        row[record] = text.replace(pattern, name).replace(key[1], key[1] + str(n)).encode()
                        yield row
                marks = ",".join("?" * len(columns))
                database.executemany(f"INSERT INTO job VALUES ({marks})", rows())
                database.executemany(
                    "INSERT INTO client_key VALUES (?,?,?,?,?)",
                    ((key[0], key[1] + str(n), pattern[:8] + format(n, "08d"), key[3], key[4])
                     for n in numbers))
                database.commit()
                """
            let result = try Programs.run(
                ["python3", "-c", program, journal(fixture), id, String(count), String(first)],
                timeout: .seconds(60)
            )
            guard result.status == 0 else { throw EndToEndError(result.error) }
        }

        /// How many bytes of memory the daemon has that are in no file.
        private func memory(_ fixture: DaemonFixture) throws -> Int {
            let text = TestFolder.text(of: "/proc/\(try fixture.process().pid)/status")
            let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
            let words = line?.split(whereSeparator: \.isWhitespace) ?? []
            guard words.count > 1, let kilobytes = Int(words[1]) else { throw EndToEndError("no RssAnon") }
            return kilobytes << 10
        }
    }
}
