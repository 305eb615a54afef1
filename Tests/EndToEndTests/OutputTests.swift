import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Downloads and the output directory")
    struct OutputTests {
        /// How often the simulator answered with that status when a video was asked for.
        private func media(_ fixture: DaemonFixture, _ status: String) throws -> Int {
            let route = try Deadline(after: .seconds(10)).first("the end of the last answer") {
                let route = try fixture.simulator.get("requests")["routes"]?["media"]
                return route?["in_flight"] == 0 ? .some(route) : .none
            }
            return route?["statuses"]?[status]?.intValue ?? 0
        }

        private func polls(_ fixture: DaemonFixture) throws -> Int {
            let route = try fixture.simulator.get("requests")["routes"]?["status"]
            return route?["statuses"]?["200"]?.intValue ?? 0
        }

        private func expectWhole(_ job: JSONValue, _ place: SourceLocation = #_sourceLocation) throws {
            #expect(job["state"] == "completed", "\(job.text)", sourceLocation: place)
            let file = job["output"]?["file"]?.stringValue ?? ""
            let bytes = TestFolder.contents(of: file)
            let run = job["run_id"]?.stringValue ?? "none"
            #expect(
                String(decoding: bytes.suffix(128), as: UTF8.self).contains("run=\(run) "),
                sourceLocation: place
            )
            let digest = try Programs.shell("sha256sum '\(file)'").prefix(64)
            #expect(job["output"]?["sha256"]?.stringValue == String(digest), sourceLocation: place)
        }

        // MARK: Broken downloads

        @Test(
            "killed in the middle of a download: the rest comes by Range, with the validator",
            .timeLimit(.minutes(1)),
            arguments: [SIGKILL, SIGTERM]
        )
        func resumed(_ signal: Int32) throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: video-bytes=900000, trickle=400000]]")
                let part = fixture.folder(".staging/\(id)-0-0.part")
                try Deadline(after: .seconds(20)).first("half of the video") {
                    size(part) > 350_000 ? true : nil
                }
                if signal == SIGKILL {
                    try fixture.kill()
                } else {
                    #expect(try fixture.terminate() == 0)
                }
                let kept = size(part)
                #expect(kept > 0 && kept < 900_000)
                try fixture.start()
                try expectWhole(try fixture.finished(id))
                #expect(try media(fixture, "206") == 1)
                // What was there was not fetched again.
                #expect(try fixture.simulator.ledger().charges.count == 1)
            }
        }

        @Test("a file that changed meanwhile is fetched from its beginning", .timeLimit(.minutes(1)))
        func changed() throws {
            try DaemonFixture.with { fixture in
                let job = try fixture.run("x [[simulate: changing-file, truncated=2, video-bytes=300000]]")
                try expectWhole(job)
                #expect(try media(fixture, "206") == 0)
                #expect(try media(fixture, "200") + media(fixture, "cut") == 3)
            }
        }

        @Test("an expired URL: the status is asked again, and the new URL is used", .timeLimit(.minutes(1)))
        func expired() throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: expired=2, processing=0.1]]")
                try expectWhole(try fixture.finished(id))
                #expect(try media(fixture, "403") == 2)
                #expect(try media(fixture, "200") == 1)
                #expect(try polls(fixture) >= 3)
            }
        }

        @Test("the lifetime of the URL ends while the daemon is down", .timeLimit(.minutes(1)))
        func expiredMeanwhile() throws {
            try DaemonFixture.with { fixture in
                try fixture.simulator.post("settings", ["url_lifetime_seconds": 2])
                let id = try fixture.submit("x [[simulate: video-bytes=400000, trickle=50000]]")
                let part = fixture.folder(".staging/\(id)-0-0.part")
                try Deadline(after: .seconds(20)).first("some bytes") { size(part) > 0 ? true : nil }
                try fixture.kill()
                _ = Deadline(after: .seconds(2.5)).firstReadable(of: [])
                try fixture.simulator.post("settings", ["url_lifetime_seconds": 3600])
                try fixture.start()
                try expectWhole(try fixture.finished(id))
                #expect(try media(fixture, "403") == 1)
                #expect(try media(fixture, "206") == 1)
            }
        }

        @Test(
            "a disk that fails to sync a download: it is fetched anew, never trusted",
            .timeLimit(.minutes(1))
        )
        func failedSync() throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: stuck]]")
                try fixture.follow(id, until: "in_queue")
                let part = fixture.folder(".staging/\(id)-0-0.part")
                let tracer = try Tracer(
                    try fixture.process(),
                    Tracer.injection("fsync", on: part, "error=EIO"),
                    in: fixture.folder
                )
                try fixture.simulator.post("finish", [:])
                try fixture.follow(id, until: "download that failed") {
                    $0["reason"]?.stringValue?.contains("\(id)-0-0.part") == true
                }
                try tracer.detach()
                try expectWhole(try fixture.finished(id))
                #expect(try media(fixture, "200") == 2)
            }
        }

        // MARK: Order after a restart

        @Test("after a restart downloads wait neither for polls nor for submissions", .timeLimit(.minutes(1)))
        func downloadsFirst() throws {
            try DaemonFixture.with { fixture in
                let loading = try (0..<4).map {
                    try fixture.submit("loading \($0) [[simulate: video-bytes=400000, trickle=40000]]")
                }
                let running = try (0..<12).map { try fixture.submit("running \($0) [[simulate: stuck]]") }
                for id in loading {
                    let part = fixture.folder(".staging/\(id)-0-0.part")
                    try Deadline(after: .seconds(20)).first("some bytes") { size(part) > 0 ? true : nil }
                }
                for id in running {
                    try fixture.follow(id, until: "in_queue")
                }
                let waiting = try fixture.call("daemon.drain")
                #expect(waiting["state"] == "draining")
                let unsent = try fixture.submit("unsent")
                try fixture.kill()
                // Requests trickle, so that their order is the scheduler's and not the threads'.
                fixture.environment["VIDEOGEND_API_REQUESTS_PER_SECOND"] = "4"
                let file = fixture.folder("trace")
                try fixture.start(
                    SystemCallTrace.command(writingTo: file, [try Programs.path("videogend")])
                )
                try fixture.call("daemon.resume")
                for id in loading {
                    try expectWhole(try fixture.finished(id))
                }
                try fixture.simulator.post("finish", [:])
                for id in running + [unsent] {
                    try expectWhole(try fixture.finished(id))
                }
                #expect(try fixture.terminate() == 0)
                var order: [String] = []
                for call in SystemCallTrace(file: file).calls {
                    if call.holds("GET /videos/") {
                        order.append("download")
                    } else if call.holds("GET /api/video/status") {
                        order.append("poll")
                    } else if call.holds("POST /api/generate-video") {
                        order.append("submission")
                    }
                }
                // Both begin at once; a download has its file to look at and a connection to make first. That all four
                // came before most polls, which trickle, and before what is not paid yet, shows that they wait for
                // nobody.
                let fourth = order.indices.filter { order[$0] == "download" }.dropFirst(3).first ?? .max
                #expect(fourth < 4 + 8, "\(order.prefix(20))")
                #expect(order.firstIndex(of: "submission") ?? 0 > fourth, "\(order.prefix(20))")
                #expect(try fixture.simulator.ledger().charges.count == 17)
            }
        }

        // MARK: No room, no directory

        @Test(
            "a full output directory stops submissions first; what is paid waits and loses nothing",
            .timeLimit(.minutes(1)),
            .enabled(if: SmallFileSystem.isPossible, "\(SmallFileSystem.reason)")
        )
        func full() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let disk = fixture.folder("disk")
                try SmallFileSystem.with(disk, size: "4m") { system in
                    mkdir("\(disk)/videos", 0o755)
                    fixture.environment["VIDEOGEND_OUTPUT_DIRECTORY"] = "\(disk)/videos"
                    fixture.environment["VIDEOGEND_OUTPUT_MINIMUM_FREE"] = "512KiB"
                    try fixture.start()
                    let paid = try fixture.submit("paid [[simulate: stuck, video-bytes=900000]]")
                    try fixture.follow(paid, until: "in_queue")
                    // Less than the minimum: no new submission, and it says why.
                    let ballast = try system.fill(sparing: 300_000)
                    let later = try fixture.submit("later")
                    try fixture.follow(later, until: "queue with the reason") {
                        $0["state"] == "queued" && $0["reason"]?.stringValue?.contains(disk) == true
                    }
                    #expect(try fixture.call("daemon.status")["output"]?["writable"] == false)
                    // The download runs into the end of the disk and waits there, over a crash, too.
                    try fixture.simulator.post("finish", [:])
                    try fixture.follow(paid, until: "download that waits for room") {
                        $0["state"] == "downloading" && $0["reason"]?.stringValue?.contains(disk) == true
                    }
                    try fixture.kill()
                    try fixture.start()
                    #expect(try fixture.job(paid)["state"] == "downloading")
                    try fixture.follow(later, until: "queue with the reason") {
                        $0["state"] == "queued" && $0["reason"]?.stringValue?.contains(disk) == true
                    }
                    #expect(try fixture.simulator.ledger().charges.map(\.prompt).count == 1)
                    unlink(ballast)
                    try expectWhole(try fixture.finished(paid, within: .seconds(40)))
                    try expectWhole(try fixture.finished(later))
                    #expect(try fixture.simulator.ledger().charges.count == 2)
                    #expect(TestFolder.names(in: "\(disk)/videos").count == 4)
                    #expect(TestFolder.names(in: "\(disk)/.staging") == ["quarantine"])
                    _ = try fixture.terminate()
                }
            }
        }

        @Test(
            "the disk with the videos is unmounted: nothing is written in its place, and all goes on when it is back",
            .timeLimit(.minutes(1)),
            .enabled(if: SmallFileSystem.isPossible, "\(SmallFileSystem.reason)")
        )
        func unmounted() throws {
            try DaemonFixture.with(starts: false) { fixture in
                let disk = fixture.folder("disk")
                try SmallFileSystem.with(disk, size: "8m") { system in
                    mkdir("\(disk)/videos", 0o755)
                    fixture.environment["VIDEOGEND_OUTPUT_DIRECTORY"] = "\(disk)/videos"
                    try fixture.start()
                    let paid = try fixture.submit("paid [[simulate: stuck]]")
                    try fixture.follow(paid, until: "in_queue")
                    system.unmount()
                    try Deadline(after: .seconds(20)).first("a status that tells of it") {
                        try fixture.call("daemon.status")["output"]?["writable"] == false ? true : nil
                    }
                    let later = try fixture.submit("later")
                    try fixture.simulator.post("finish", [:])
                    try fixture.follow(paid, until: "download that waits") {
                        $0["state"] == "downloading" && $0["reason"] != nil
                    }
                    #expect(try fixture.job(later)["state"] == "queued")
                    #expect(try fixture.simulator.ledger().charges.count == 1)
                    #expect(TestFolder.names(in: disk).isEmpty)
                    // Another disk, empty but for the directory.
                    try system.mount()
                    mkdir("\(disk)/videos", 0o755)
                    for id in [paid, later] {
                        try expectWhole(try fixture.finished(id, within: .seconds(40)))
                    }
                    #expect(try fixture.simulator.ledger().charges.count == 2)
                    _ = try fixture.terminate()
                }
            }
        }

        private func size(_ path: String) -> Int {
            var status = stat()
            return stat(path, &status) == 0 ? Int(status.st_size) : 0
        }
    }
}
