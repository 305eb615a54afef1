import JSON
import Testing

extension EndToEnd {
    @Suite("What a person sees on a terminal")
    struct TerminalTests {
        private let submit = "videogenctl submit --model kling-video"

        @Test("submit --wait draws one line, then prints the path", .timeLimit(.minutes(1)))
        func submitAndWait() throws {
            try DaemonFixture.with { fixture in
                let terminal = try Terminal(fixture, columns: 120, rows: 12)
                try terminal.enter("\(submit) --wait \"A lighthouse\"")
                let lines = try terminal.wait(for: "the prompt") { $0.last == "$" && $0.count > 2 }
                #expect(try Screens.difference(lines, "submit-wait") == nil)
                #expect(try terminal.exitStatus() == "0")
            }
        }

        @Test("Ctrl-C leaves, and says how to come back", .timeLimit(.minutes(1)))
        func detach() throws {
            try DaemonFixture.with { fixture in
                let terminal = try Terminal(fixture, columns: 80, rows: 12)
                try terminal.enter("\(submit) --wait 'x [[simulate: stuck-running]]'")
                try terminal.wait(forText: "in_progress")
                try terminal.press("C-c")
                let lines = try terminal.wait(for: "the prompt") { $0.last == "$" }
                #expect(try Screens.difference(lines, "submit-detach") == nil)
                #expect(try terminal.exitStatus() == "130")
                let jobs = try fixture.call("jobs.list")["jobs"]?.arrayValue ?? []
                #expect(jobs.map { $0["state"] } == ["in_progress"])
            }
        }

        @Test("watch shows all jobs like top, and Ctrl-C ends it", .timeLimit(.minutes(2)))
        func watch() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "3s"]) { fixture in
                _ = try fixture.run("A lighthouse in a storm")
                _ = try fixture.run("x [[simulate: failed]]")
                _ = try fixture.run("x [[simulate: reset-before-accept]]")
                let running = try fixture.submit("x [[simulate: stuck-running]]")
                try fixture.follow(running, until: "in_progress")
                let terminal = try Terminal(fixture, columns: 130, rows: 14)
                try terminal.enter("videogenctl watch")
                try terminal.wait(forText: "paid and not published")
                let more = try fixture.submit("A second one that never ends [[simulate: stuck]]")
                try fixture.follow(more, until: "in_queue")
                try fixture.call("daemon.drain")
                let queued = try fixture.submit("One that waits")
                try fixture.follow(queued, until: "queued")
                let lines = try terminal.wait(for: "all of it") { lines in
                    ["1 queued", queued, "in_queue", "3 jobs are paid"].allSatisfy { word in
                        lines.contains { $0.contains(word) }
                    } && lines.contains { $0.hasPrefix("submissions are stopped") }
                        && ["in_queue  ", "in_progress  "].allSatisfy { word in
                            lines.contains { $0.contains(word) && $0.contains("%") }
                        }
                }
                #expect(try Screens.difference(lines, "watch") == nil)
                try terminal.press("C-c")
                #expect(try terminal.exitStatus() == "130")
            }
        }

        @Test("watch fits a low and narrow terminal", .timeLimit(.minutes(1)))
        func lowWatch() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                for number in 1...12 {
                    _ = try fixture.submit("number \(number)")
                }
                let terminal = try Terminal(fixture, columns: 44, rows: 8)
                try terminal.enter("videogenctl watch")
                let lines = try terminal.wait(for: "a summary") { lines in
                    lines.contains { $0.contains("more") } && lines.contains { $0.contains("submissions") }
                }
                #expect(lines.count <= 8)
                #expect(try Screens.difference(lines, "watch-low") == nil)
                try terminal.press("C-c")
                #expect(try terminal.exitStatus() == "130")
            }
        }

        @Test("list fits a narrow terminal", arguments: [40, 60, 80, 120])
        func narrowList(_ columns: Int) throws {
            try DaemonFixture.with { fixture in
                try listJobs(fixture)
                let terminal = try Terminal(fixture, columns: columns, rows: 12)
                try terminal.enter("videogenctl ls")
                let lines = try terminal.wait(for: "the prompt") { $0.last == "$" && $0.count > 2 }
                #expect(try Screens.difference(lines, "list-\(columns)") == nil)
            }
        }

        /// Jobs with long, wide and plain prompts.
        private func listJobs(_ fixture: DaemonFixture) throws {
            try fixture.call("daemon.drain")
            for (label, prompt) in [
                ("storms", "A lighthouse in a storm, waves breaking over the rocks, seen from a boat"),
                ("日本語のラベル", "嵐の中の灯台、岩に砕ける波、ボートから見た景色、夜、雨、風、雷、そして光"),
                ("👩‍🚀", "🌊🌊🌊 a wave of emoji 👨‍👩‍👧‍👦 e\u{301}te\u{301} 🇩🇪 ❤️ after it"),
            ] {
                try fixture.call(
                    "jobs.submit",
                    [
                        "request": ["model": "kling-video", "prompt": .string(prompt)],
                        "label": .string(label),
                    ]
                )
            }
        }

        @Test("colours on a terminal, none with NO_COLOR or --color never", .timeLimit(.minutes(1)))
        func colors() throws {
            try DaemonFixture.with { fixture in
                _ = try fixture.run("A lighthouse")
                let terminal = try Terminal(fixture, columns: 100, rows: 8)
                for (command, isColored) in [
                    ("videogenctl ls", true), ("NO_COLOR=1 videogenctl ls", false),
                    ("NO_COLOR= videogenctl ls", true), ("videogenctl ls --color never", false),
                    ("TERM=dumb videogenctl ls", false),
                    ("NO_COLOR=1 videogenctl --color always ls", true),
                ] {
                    try terminal.enter("clear; \(command)")
                    try terminal.wait(for: "the table") {
                        $0.first?.hasPrefix("ID") ?? false && $0.last == "$"
                    }
                    let row = try terminal.lines(withColors: true)[1]
                    #expect(row.contains("\u{1B}[32mcompleted") == isColored, "\(command): \(row)")
                }
            }
        }

        @Test("show tells what to do about a held job", .timeLimit(.minutes(1)))
        func held() throws {
            try DaemonFixture.with(environment: ["VIDEOGEND_JOBS_CONFIRM_FOR": "3s"]) { fixture in
                let id = try fixture.submit("x [[simulate: reset-before-accept]]")
                #expect(try fixture.finished(id)["state"] == "held")
                let terminal = try Terminal(fixture, columns: 110, rows: 24)
                try terminal.enter("videogenctl show \(id.suffix(6))")
                let lines = try terminal.wait(for: "the prompt") { $0.last == "$" && $0.count > 2 }
                #expect(lines.contains { $0.contains("retry --accept-charge \(id)") })
                #expect(lines.contains { $0.contains("sent as ") })
            }
        }
    }
}
