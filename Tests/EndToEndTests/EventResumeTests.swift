import ControlClient
import JSON
import Testing

extension EndToEnd {
    @Suite("Events after a cut connection or a restart")
    struct EventResumeTests {
        @Test(
            "a subscriber that is cut off and comes back sees each event once, in order",
            .timeLimit(.minutes(1))
        )
        func resumed() throws {
            try DaemonFixture.with { fixture in
                let witness = try fixture.connect()
                let first = try witness.call("events.subscribe", timeout: .seconds(10))
                let epoch = first["epoch"]?.stringValue ?? ""
                var last = first["seq"]?.intValue ?? -1
                let ids = try (0..<20).map { try fixture.submit("job \($0)") }

                // One connection after the other, each for a few events.
                var seen: [Int] = []
                var random = SeededGenerator(state: 7)
                while try seen.isEmpty || !allCompleted(fixture, ids) {
                    last = try take(Int.random(in: 0...9, using: &random), from: fixture, epoch, last, &seen)
                }
                last = try take(.max, from: fixture, epoch, last, &seen)

                var whole: [Int] = []
                while let next = try witness.nextNotification(timeout: .milliseconds(500)) {
                    whole.append(next.params["seq"]?.intValue ?? -1)
                }
                #expect(seen == whole)
                #expect(whole == Array((whole.first ?? 0)..<((whole.first ?? 0) + whole.count)))
                #expect(whole.count >= 20 * 5)
                #expect(last == whole.last)
            }
        }

        private func allCompleted(_ fixture: DaemonFixture, _ ids: [String]) throws -> Bool {
            try fixture.call("daemon.status")["jobs"]?["completed"]?.intValue == ids.count
        }

        /// Subscribes with `since` on a connection of its own and takes some events.
        ///
        /// - Returns: The number of the last one.
        private func take(
            _ count: Int,
            from fixture: DaemonFixture,
            _ epoch: String,
            _ last: Int,
            _ seen: inout [Int]
        ) throws -> Int {
            let client = try fixture.connect()
            let since: JSONValue = ["since": ["epoch": .string(epoch), "seq": .number(JSONNumber(last))]]
            let result = try client.call(
                "events.subscribe",
                since.objectValue ?? JSONObject(),
                timeout: .seconds(10)
            )
            #expect(result["resumed"] == true, "\(result.text)")
            #expect(result["snapshot"] == [])
            var last = last
            var left = count
            while left > 0, let next = try client.nextNotification(timeout: .milliseconds(300)) {
                left -= 1
                last = next.params["seq"]?.intValue ?? -1
                seen.append(last)
            }
            return last
        }

        @Test("another epoch after a restart: a snapshot instead of what was missed", .timeLimit(.minutes(1)))
        func otherEpoch() throws {
            try DaemonFixture.with { fixture in
                let before = try fixture.connect().call("events.subscribe", timeout: .seconds(10))
                let id = try fixture.submit("x [[simulate: stuck]]")
                try fixture.follow(id, until: "in_queue")
                try fixture.kill()
                try fixture.start()
                var since = JSONObject()
                since["epoch"] = before["epoch"]
                since["seq"] = before["seq"]
                var params = JSONObject()
                params["since"] = .object(since)
                let after = try fixture.connect().call("events.subscribe", params, timeout: .seconds(10))
                #expect(after["resumed"] == false)
                #expect(after["epoch"] != before["epoch"])
                #expect(after["snapshot"]?.arrayValue?.map { $0["id"]?.stringValue } == [id])
            }
        }
    }
}
