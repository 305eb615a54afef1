import ControlClient
import JSON
import Testing

extension EndToEnd {
    @Suite("Limits, the key, the balance and costs")
    struct AccountTests {
        /// A job that waits for something that a reason is given for.
        private func waiting(_ fixture: DaemonFixture, _ id: String, for word: String) throws -> JSONValue {
            try Deadline(after: .seconds(20)).first("a reason with '\(word)'") {
                let job = try fixture.job(id)
                let isWaiting =
                    job["state"] == "queued" && job["reason"]?.stringValue?.contains(word) == true
                return isWaiting ? .some(job) : .none
            }
        }

        @Test(
            "429: the job waits, and says until when",
            .timeLimit(.minutes(1)),
            arguments: [
                ("rate-limited, retry-after=40", 35...45), ("rate-limited-date, retry-after=40", 35...45),
                ("daily-limit, retry-after=36000", 35_990...36_005),
                // Without a Retry-After a daily cap ends at midnight UTC.
                ("daily-limit, retry-after=none", 0...86_400),
            ]
        )
        func rateLimited(_ behaviours: String, _ seconds: ClosedRange<Int>) throws {
            try DaemonFixture.with { fixture in
                let before = try now()
                let id = try fixture.submit("x [[simulate: \(behaviours)]]")
                let job = try waiting(fixture, id, for: "until 2")
                let reason = try #require(job["reason"]?.stringValue)
                let start = try #require(reason.firstRange(of: "until 2")?.upperBound)
                let until = "2" + String(reason[start...].prefix(23))
                let moment = try Self.seconds(of: until)
                #expect(seconds.contains(moment - before), "\(reason)")
                if behaviours.hasSuffix("none") {
                    #expect(until.contains("T00:00:0"), "\(reason)")
                }
                // All others wait with it, and nothing is tried meanwhile.
                let other = try fixture.submit("y")
                _ = try waiting(fixture, other, for: "until 2")
                #expect(try fixture.simulator.get("requests")["routes"]?["submit"]?["requests"] == 1)
                #expect(try fixture.simulator.ledger().charges.isEmpty)
            }
        }

        private func now() throws -> Int {
            Int(try Programs.shell("date +%s").prefix { $0.isNumber }) ?? 0
        }

        private static func seconds(of time: String) throws -> Int {
            let text = try Programs.shell("date -u -d '\(time)' +%s")
            return Int(text.prefix { $0.isNumber }) ?? 0
        }

        @Test("C14: fifty submissions in a minute and not one more, without a 429", .timeLimit(.minutes(1)))
        func submissionRate() throws {
            try DaemonFixture.with(
                simulator: ["--submit-per-minute", "50"],
                environment: ["VIDEOGEND_API_SUBMIT_PER_MINUTE": "50"]
            ) { fixture in
                for number in 0..<55 { _ = try fixture.submit("job \(number)") }
                try Deadline(after: .seconds(40)).first("fifty charges") {
                    try fixture.simulator.ledger().charges.count >= 50 ? true : nil
                }
                let waiting = try fixture.call("jobs.list", ["states": ["queued"]])["jobs"]?.arrayValue ?? []
                #expect(waiting.count == 5)
                let routes = try fixture.simulator.get("requests")["routes"]
                #expect(routes?["submit"]?["statuses"] == ["202": 50])
                #expect(try fixture.simulator.get("requests")["peak_submits_per_minute"] == 50)
            }
        }

        @Test("402 with a payment challenge: waits for money, pays nothing itself", .timeLimit(.minutes(1)))
        func paymentChallenge() throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("x [[simulate: balance=challenge]]")
                _ = try waiting(fixture, id, for: "balance")
                try Deadline(after: .seconds(10)).first("a look at the balance") {
                    let route = try fixture.simulator.get("requests")["routes"]?["balance"]
                    return (route?["statuses"]?["200"]?.intValue ?? 0) > 0 ? true : nil
                }
                let routes = try fixture.simulator.get("requests")["routes"]
                #expect(routes?["submit"]?["statuses"] == ["402": 1])
                #expect(routes?["unknown"]?["requests"]?.intValue ?? 0 == 0)
                #expect(try fixture.simulator.ledger().charges.isEmpty)
                try fixture.simulator.post("balance", ["usd": 500])
                try fixture.call("daemon.reload")
                #expect(try fixture.finished(id)["state"] == "completed")
                #expect(try fixture.simulator.ledger().charges.count == 1)
            }
        }

        @Test("413 without a body is explained", .timeLimit(.minutes(1)))
        func tooLarge() throws {
            try DaemonFixture.with { fixture in
                let job = try fixture.run("x [[simulate: too-large]]")
                #expect(job["state"] == "failed")
                #expect(job["error"]?["kind"] == "media.invalid", "\(job.text)")
                #expect(job["error"]?["charged"] == "no")
                #expect(job["error"]?["hint"]?.stringValue?.contains("4 MB") == true, "\(job.text)")
                #expect(job["error"]?["provider"]?["http_status"] == 413)
                #expect(job["error"]?["provider"]?["request_id"]?.stringValue?.isEmpty == false)
            }
        }

        @Test("401: polls stop, it is said once, and all goes on with a good key", .timeLimit(.minutes(1)))
        func refusedKey() throws {
            try DaemonFixture.with { fixture in
                let paid = try fixture.submit("paid [[simulate: processing=2]]")
                try fixture.follow(paid, until: "paid") { $0["run_id"]?.stringValue != nil }
                try fixture.simulator.post("settings", ["api_key": "another-key"])
                let reason = try Deadline(after: .seconds(20)).first("a status that tells of the key") {
                    let reason = try fixture.call("daemon.status")["reason"]?.stringValue
                    return reason?.contains("refuses the API key") == true ? reason : nil
                }
                #expect(!reason.contains(Simulator.key))
                let process = try fixture.process()
                try fixture.notifications.wait(.seconds(10), from: process, "STATUS about the key") {
                    $0["STATUS"]?.contains("key") == true
                }
                let queued = try fixture.submit("queued")
                _ = try waiting(fixture, queued, for: "refuses the API key")
                // The run is paid and not given up; but nobody asks any more.
                func asked() throws -> Int {
                    try fixture.simulator.get("requests")["routes"]?["status"]?["requests"]?.intValue ?? 0
                }
                let before = try asked()
                _ = try Programs.shell("sleep 3")
                #expect(try asked() - before <= 1)
                try fixture.simulator.post("settings", ["api_key": .string(Simulator.key)])
                try fixture.call("daemon.reload")
                for id in [paid, queued] {
                    #expect(try fixture.finished(id)["state"] == "completed")
                }
                #expect(try fixture.simulator.ledger().charges.count == 2)
            }
        }

        @Test("C8: the final cost is that of the completed run; the balance follows", .timeLimit(.minutes(1)))
        func costs() throws {
            try DaemonFixture.with(simulator: ["--balance", "20"]) { fixture in
                let job = try fixture.run("x [[simulate: cost=0.5, final-cost=0.25]]")
                #expect(job["cost"]?["final"] == true, "\(job.text)")
                #expect(job["cost"]?["charged"] == ["micros": 250_000, "currency": "USD"])
                let receipt = try JSONParser.parse(
                    TestFolder.text(of: job["output"]?["receipt"]?.stringValue ?? "")
                )
                #expect(receipt["cost"]?["charged"]?["micros"] == 250_000, "\(receipt.text)")
                let estimated = try fixture.run("y [[simulate: cost=0.5, no-cost]]")
                #expect(estimated["cost"]?["final"] == false, "\(estimated.text)")
                // 20 - 0.25 - 0.5, as the answer to the last submission said.
                let balance = try Deadline(after: .seconds(10)).first("the balance") {
                    let usd = try fixture.call("daemon.status")["balance"]?["balances"]?.arrayValue?
                        .first { $0["currency"] == "USD" }
                    return usd?["micros"] == 19_250_000 ? usd : .none
                }
                #expect(balance["micros"] == 19_250_000)
                try fixture.notifications.wait(.seconds(10), from: try fixture.process(), "balance in STATUS")
                {
                    $0["STATUS"]?.contains("balance 19.25 USD") == true
                }
                let shown = try fixture.control(["balance"])
                #expect(shown.output.contains("19.25"), "\(shown)")
            }
        }

        @Test("C29: a failed run notes that its refund is expected", .timeLimit(.minutes(1)))
        func refunds() throws {
            try DaemonFixture.with { fixture in
                for prompt in [
                    "x [[simulate: failed]]", "y [[simulate: failed, refund=never]]",
                    "z [[simulate: canceled]]",
                ] {
                    let job = try fixture.run(prompt)
                    #expect(["failed", "canceled"].contains(job["state"]), "\(job.text)")
                    let attempt = job["attempts_log"]?.arrayValue?.last
                    #expect(attempt?["refund_expected"] == true, "\(job.text)")
                    #expect(attempt?["cost"]?["charged"]?["micros"]?.intValue ?? 0 > 0, "\(job.text)")
                }
                #expect(try fixture.simulator.ledger().charges.count == 3)
            }
        }

        @Test(
            "C27: relative URLs, with the key to the API only",
            .timeLimit(.minutes(1)),
            arguments: [
                "relative-url", "relative-url, content-json", "relative-url, multi=2", "media-redirect",
            ]
        )
        func relativeURLs(_ behaviours: String) throws {
            try DaemonFixture.with { fixture in
                let job = try fixture.run("x [[simulate: \(behaviours)]]")
                #expect(job["state"] == "completed", "\(job.text)")
                #expect(job["outputs"]?.arrayValue?.count == (behaviours.contains("multi") ? 2 : 1))
                #expect(try fixture.simulator.get("requests")["media_requests_with_key"] == 0)
            }
        }

        @Test("C26: a Midjourney run is extended, other runs are not", .timeLimit(.minutes(1)))
        func extend() throws {
            try DaemonFixture.with { fixture in
                let first = try fixture.control([
                    "submit", "--json", "--wait", "--model", "midjourney-video", "--image",
                    "https://assets.example.com/a.png", "--set", "motion=low", "x [[simulate: multi=4]]",
                ])
                #expect(first.status == 0, "\(first)")
                let last = try #require(first.output.split(separator: "\n").last)
                let job = try JSONParser.parse(String(last))["job"]
                #expect(job?["outputs"]?.arrayValue?.count == 4, "\(first)")
                let id = try #require(job?["id"]?.stringValue)
                let longer = try fixture.control(["extend", id, "--index", "2", "--wait"])
                #expect(longer.status == 0, "\(longer)")
                let ledger = try fixture.simulator.ledger()
                #expect(ledger.charges.count == 2)
                #expect(ledger.charges.last?.prompt == "extend \(job?["run_id"]?.stringValue ?? "") 2")
                #expect(ledger.repeatedConversations.isEmpty)
                #expect(TestFolder.names(in: fixture.output).count == 10)
                #expect(try fixture.control(["extend", id, "--index", "7"]).status == 4)
                let other = try fixture.run("another model")
                let refused = try fixture.control(["extend", other["id"]?.stringValue ?? "", "--index", "0"])
                #expect(refused.status == 4, "\(refused)")
                #expect(try fixture.simulator.ledger().charges.count == 3)
            }
        }

        @Test(
            "C16: a status that is 403 or 404 for long never fails a paid run",
            .timeLimit(.minutes(1)),
            arguments: ["status-404-first=3", "status-403-first=3"]
        )
        func missingStatus(_ behaviours: String) throws {
            try DaemonFixture.with { fixture in
                let job = try fixture.run("x [[simulate: \(behaviours)]]", within: .seconds(45))
                #expect(job["state"] == "completed", "\(job.text)")
                #expect(try fixture.simulator.ledger().charges.count == 1)
            }
        }
    }
}
