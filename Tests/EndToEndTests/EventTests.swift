import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("Events")
    struct EventTests {
        /// A stream of events on a connection of its own.
        private final class Stream {
            let connection: RawConnection
            let start: JSONValue
            private(set) var seq: Int

            init(_ fixture: DaemonFixture, _ params: JSONValue = [:]) throws {
                connection = try RawConnection(fixture.socket)
                let answer = try connection.ask(requestLine("events.subscribe", params.text))
                guard let result = answer["result"] else { throw EndToEndError(answer.text) }
                start = result
                seq = result["seq"]?.intValue ?? -1
            }

            /// The next event; its number has to be higher than the last.
            func next(within timeout: Duration = .seconds(60)) throws -> JSONValue {
                let message = try connection.value(within: timeout)
                guard message["method"] == "events.event", let event = message["params"],
                    let number = event["seq"]?.intValue, number > seq,
                    event["subscription"] == start["subscription"]
                else { throw EndToEndError("after \(seq): \(message.text)") }
                seq = number
                return event
            }

            /// Events until one is as wanted.
            func until(_ isWanted: (JSONValue) -> Bool) throws -> [JSONValue] {
                var events: [JSONValue] = []
                repeat { events.append(try next()) } while !isWanted(events[events.count - 1])
                return events
            }

            var position: JSONValue {
                ["epoch": start["epoch"] ?? .null, "seq": .number(JSONNumber(seq))]
            }
        }

        private func word(_ event: JSONValue) -> String {
            event["job"]?["state"]?.stringValue ?? event["state"]?.stringValue ?? ""
        }

        @Test(
            "a snapshot and what follows it: nothing is missed, nothing told twice",
            .timeLimit(.minutes(2))
        )
        func noGap() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let writer = try RawConnection(fixture.socket)
                var sent = 0
                var streams: [Stream] = []
                while sent < 240 {
                    // A burst is on its way while the subscription is made.
                    for _ in 0..<24 {
                        sent += 1
                        try writer.send(
                            requestLine(
                                "jobs.submit",
                                id: sent,
                                #"{"request":{"model":"kling-video","prompt":"p"},"client_key":"\#(sent)"}"#
                            ) + "\n"
                        )
                    }
                    streams.append(try Stream(fixture))
                }
                var ids: Set<String> = []
                for _ in 0..<sent {
                    ids.insert(try writer.value()["result"]?["job"]?["id"]?.stringValue ?? "")
                }
                #expect(ids.count == sent)
                for stream in streams {
                    var known: [String] = (stream.start["snapshot"]?.arrayValue ?? [])
                        .compactMap { $0["id"]?.stringValue }
                    var number = stream.seq
                    while known.count < sent {
                        let event = try stream.next()
                        #expect(event["kind"] == "job.created")
                        // An administrator without a filter sees every number.
                        number += 1
                        #expect(event["seq"]?.intValue == number)
                        known.append(event["job"]?["id"]?.stringValue ?? "")
                    }
                    #expect(Set(known) == ids && known.count == sent)
                }
            }
        }

        @Test("every state is told, in order", .timeLimit(.minutes(2)))
        func states() throws {
            try DaemonFixture.with { fixture in
                let stream = try Stream(fixture)
                let ids = try (0..<12).map { try fixture.submit("number \($0)") }
                var told: [String: [String]] = [:]
                while told.values.filter({ $0.last == "completed" }).count < ids.count {
                    let event = try stream.next()
                    guard let id = event["job"]?["id"]?.stringValue, event["kind"] != "job.progress" else {
                        continue
                    }
                    #expect(event["kind"] == (told[id] == nil ? "job.created" : "job.state"))
                    let state = word(event)
                    if told[id, default: []].last != state {
                        told[id, default: []].append(state)
                    }
                }
                let order = ["queued", "submitting", "in_queue", "in_progress", "downloading", "completed"]
                for id in ids {
                    let states = told[id] ?? []
                    // The provider may skip states of its own, the daemon tells all of its.
                    #expect(
                        states.filter { $0.hasPrefix("in_") == false }
                            == order.filter { !$0.hasPrefix("in_") }
                    )
                    #expect(states == order.filter(states.contains), "\(states)")
                }
            }
        }

        @Test("progress at most once a second", .timeLimit(.minutes(1)))
        func progress() throws {
            try DaemonFixture.with(simulator: ["--processing-seconds", "5"]) { fixture in
                let stream = try Stream(fixture)
                _ = try fixture.submit("slow")
                var times: [Duration] = []
                _ = try stream.until { event in
                    if event["kind"] == "job.progress" {
                        times.append(SystemTime.monotonic)
                    }
                    return word(event) == "completed"
                }
                #expect(times.count >= 1 && times.count <= 7, "\(times)")
                for (first, second) in zip(times, times.dropFirst()) {
                    // Measured here, after the way through the socket.
                    #expect(second - first > .milliseconds(850), "\(times)")
                }
            }
        }

        @Test("filters", .timeLimit(.minutes(1)))
        func filters() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let jobs = try Pipeline(fixture.socket)
                let first = try jobs.submit(1, prompt: "a", label: "a")[0]
                let done = try jobs.submit(1, prompt: "c", label: "a")[0]
                _ = try jobs.call("jobs.cancel", [["id": done]])
                let me: JSONValue = .number(JSONNumber(getuid()))
                func count(_ params: JSONValue) throws -> Int {
                    try Stream(fixture, params).start["snapshot"]?.arrayValue?.count ?? -1
                }
                #expect(try count([:]) == 1)
                #expect(try count(["finished_s": 60]) == 2)
                #expect(try count(["finished_s": 60, "filter": ["states": ["canceled"]]]) == 1)
                #expect(try count(["filter": ["label": "b"]]) == 0)
                #expect(try count(["filter": ["owner": me]]) == 1)
                #expect(try count(["filter": ["owner": 12_345]]) == 0)
                #expect(try count(["filter": ["id": first]]) == 1)
                #expect(try count(["filter": ["id": "none"]]) == 0)
                let byLabel = try Stream(fixture, ["filter": ["label": "b"]])
                let byState = try Stream(fixture, ["filter": ["states": ["canceled"]]])
                let byID = try Stream(fixture, ["filter": ["id": first]])
                let second = try jobs.submit(1, prompt: "b", label: "b")[0]
                try jobs.clear([second, first])
                func told(_ stream: Stream) throws -> [String] {
                    try stream.until { $0["kind"] == "job.removed" }
                        .map {
                            "\($0["kind"]?.stringValue ?? "") \(word($0)) \($0["job"]?["label"]?.stringValue ?? "")"
                        }
                }
                #expect(
                    try told(byLabel) == [
                        "job.created queued b", "job.state canceled b", "job.removed canceled b",
                    ]
                )
                #expect(try told(byID) == ["job.state canceled a", "job.removed canceled a"])
                let canceled = try told(byState)
                #expect(canceled.first == "job.state canceled b" || canceled.first == "job.state canceled a")
                #expect(canceled.allSatisfy { $0.contains(" canceled ") })
            }
        }

        @Test("resuming, over a cut connection and over a restart", .timeLimit(.minutes(2)))
        func resuming() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let jobs = try Pipeline(fixture.socket)
                var stream: Stream? = try Stream(fixture)
                let first = try jobs.submit(1, prompt: "a")
                _ = try stream?.until { $0["kind"] == "job.created" }
                let position = try #require(stream?.position)
                stream = nil
                let others = try jobs.submit(5, prompt: "b")
                _ = try jobs.call("jobs.cancel", [["id": first[0]]])

                let resumed = try Stream(fixture, ["since": position])
                #expect(resumed.start["resumed"] == true && resumed.start["snapshot"] == [])
                #expect(resumed.start["epoch"] == position["epoch"])
                // What follows is numbered from here.
                #expect(resumed.start["seq"] == position["seq"])
                let missed = try resumed.until { word($0) == "canceled" }
                #expect(
                    missed.map { $0["kind"] } == [JSONValue](repeating: "job.created", count: 5) + [
                        "job.state"
                    ]
                )
                #expect(Set(missed.prefix(5).compactMap { $0["job"]?["id"]?.stringValue }).count == 5)
                // Nothing was missed: nothing comes, and the stream goes on.
                let up = try Stream(fixture, ["since": resumed.position])
                #expect(up.start["resumed"] == true)
                try jobs.clear([others[0]])
                #expect(try word(up.next()) == "canceled")
                // From the future, or of another life: a fresh snapshot.
                var future = resumed.position.objectValue ?? JSONObject()
                future["seq"] = 1_000_000
                #expect(try Stream(fixture, ["since": .object(future)]).start["resumed"] == false)

                try fixture.terminate()
                try fixture.start()
                let fresh = try Stream(fixture, ["since": up.position])
                #expect(fresh.start["resumed"] == false)
                #expect(fresh.start["epoch"] != up.start["epoch"])
                #expect(fresh.start["snapshot"]?.arrayValue?.count == 4)
                try fixture.kill()
                try fixture.start()
                #expect(try Stream(fixture, ["since": fresh.position]).start["resumed"] == false)
            }
        }

        /// Three thousand events of two kilobytes, of which one client reads none.
        @Test("more than a snapshot holds, and a reader that does not read", .timeLimit(.minutes(4)))
        func slowReader() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let idle = try Stream(fixture)
                var readers = try (0..<3).map { _ in try Stream(fixture) }
                let jobs = try Pipeline(fixture.socket)
                // Quotation marks take two bytes each: all events together are twice what is kept for a reader.
                let ids = try jobs.submit(1005, prompt: String(repeating: "\"\"\"\" ", count: 200))

                let full = try Stream(fixture)
                let snapshot = full.start["snapshot"]?.arrayValue ?? []
                #expect(snapshot.count == 1000)
                let cursor = try #require(full.start["next_cursor"])
                let rest = try fixture.call("jobs.list", ["cursor": cursor])
                #expect(rest["jobs"]?.arrayValue?.count == 5 && rest["next_cursor"] == nil)
                let all = (snapshot + (rest["jobs"]?.arrayValue ?? [])).compactMap { $0["id"]?.stringValue }
                #expect(Set(all).count == 1005 && all == all.sorted(by: >))

                for stream in readers {
                    for _ in 0..<1005 {
                        #expect(try stream.next()["kind"] == "job.created")
                    }
                }
                readers.append(full)
                let probe = try LatencyProbe(fixture.socket)
                for start in stride(from: 0, to: ids.count, by: 67) {
                    let some = Array(ids[start..<min(start + 67, ids.count)])
                    try jobs.clear(some)
                    try probe.ask()
                    for stream in readers {
                        for _ in 0..<(2 * some.count) {
                            _ = try stream.next()
                        }
                    }
                }
                let active = try fixture.submit("the last")
                for stream in readers {
                    #expect(try stream.next()["job"]?["id"] == .string(active))
                }
                #expect(probe.longest < .seconds(2), "\(probe.longest), median \(probe.median)")
                // The other one finds what was kept for it, in order, and then where to go on, or the end.
                var lost: JSONValue?
                var count = 0
                while lost == nil, let line = try idle.connection.line(within: .seconds(20)) {
                    let message = try JSONParser.parse(line)
                    if message["method"] == "events.lost" {
                        lost = message["params"]
                    } else {
                        count += 1
                        #expect(message["params"]?["seq"]?.intValue == idle.seq + count)
                    }
                }
                #expect(count < 3016)
                // On a slow machine the ten seconds are over by now.
                guard let lost else { return }
                #expect(count > 500)
                #expect(lost["subscription"] == idle.start["subscription"])
                #expect(lost["reason"]?.stringValue?.isEmpty == false)
                #expect(lost["resume"]?["seq"]?.intValue == idle.seq + count)
                let since = try #require(lost["resume"])
                let resumed = try Stream(fixture, ["since": since])
                #expect(resumed.start["resumed"] == true)
                let missed = try resumed.until { $0["job"]?["id"] == .string(active) }
                #expect(missed.first?["seq"]?.intValue == idle.seq + count + 1)
                #expect(count + missed.count >= 3016)
            }
        }

        @Test("ten thousand events back, and no further", .timeLimit(.minutes(5)))
        func tenThousand() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_STATE_DIRECTORY": "none"]) { fixture in
                try fixture.call("daemon.drain")
                let stream = try Stream(fixture)
                let jobs = try Pipeline(fixture.socket)
                let seq = stream.seq
                for _ in 0..<10 {
                    try jobs.clear(try jobs.submit(333, prompt: String(repeating: "p", count: 700)))
                }
                try jobs.clear(try jobs.submit(1, prompt: "p"))
                func since(_ number: Int) -> JSONValue {
                    ["since": ["epoch": stream.start["epoch"] ?? .null, "seq": .number(JSONNumber(number))]]
                }
                let newest = try Stream(fixture).seq
                #expect(newest >= seq + 9993)
                try jobs.clear(try jobs.submit(10, prompt: "p"))
                let last = newest + 30
                #expect(try Stream(fixture, since(last - 10_001)).start["resumed"] == false)
                let far = try Stream(fixture, since(last - 10_000))
                #expect(far.start["resumed"] == true)
                for number in (last - 9999)...last {
                    #expect(try far.next()["seq"]?.intValue == number)
                }
                // And the stream goes on, although so much was waiting.
                let id = try fixture.submit("on")
                #expect(try far.next()["job"]?["id"] == .string(id))
            }
        }
    }
}
