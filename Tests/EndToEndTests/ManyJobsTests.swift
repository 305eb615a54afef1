import ControlClient
import Glibc
import JSON
import Testing

extension EndToEnd {
    @Suite("The main job")
    struct ManyJobsTests {
        @Test("50 jobs at once: receipt, then video, 50 charges", .timeLimit(.minutes(1)))
        func fifty() throws {
            try DaemonFixture.with { fixture in
                let observer = try DirectoryObserver(fixture.output)
                let ids = try (0..<50).map { try fixture.submit("job number \($0)") }
                var jobs: [JSONValue] = []
                for id in ids {
                    jobs.append(try fixture.finished(id))
                }
                let events = observer.events()

                var digests: [String: String] = [:]
                for line in try Programs.shell("sha256sum \(fixture.output)/*.mp4").split(separator: "\n") {
                    let words = line.split(separator: " ")
                    digests[String(words[1])] = String(words[0])
                }
                for job in jobs {
                    #expect(job["state"] == "completed")
                    let file = job["output"]?["file"]?.stringValue ?? ""
                    let receiptFile = job["output"]?["receipt"]?.stringValue ?? ""
                    let receipt = try JSONParser.parse(TestFolder.text(of: receiptFile))
                    #expect(digests[file] != nil && job["output"]?["sha256"]?.stringValue == digests[file])
                    #expect(receipt["sha256"]?.stringValue == digests[file])
                    #expect(receipt["job_id"] == job["id"])
                    #expect(receipt["bytes"]?.intValue == TestFolder.contents(of: file).count)
                    let names = [receiptFile, file].map { String($0.dropFirst(fixture.output.count + 1)) }
                    let own = events.filter { names.contains($0.name) }
                    #expect(own == names.map { .init(mask: UInt32(IN_MOVED_TO), name: $0) })
                }
                #expect(events.count == 100, "\(events.filter { $0.mask != UInt32(IN_MOVED_TO) })")
                #expect(TestFolder.names(in: fixture.output).count == 100)
                #expect(TestFolder.names(in: fixture.folder(".staging")) == ["quarantine"])
                #expect(TestFolder.names(in: fixture.folder(".staging/quarantine")).isEmpty)

                let ledger = try fixture.simulator.ledger()
                #expect(ledger.charges.count == 50)
                #expect(Set(ledger.charges.map(\.conversation)).count == 50)
                #expect(ledger.repeatedConversations.isEmpty)
                #expect(try fixture.simulator.get("requests")["media_requests_with_key"] == 0)
            }
        }

        @Test("socat gets its answer although it half-closes", .timeLimit(.minutes(1)))
        func socat() throws {
            try DaemonFixture.with { fixture in
                let call = #"{"jsonrpc":"2.0","id":1,"method":"daemon.info"}"#
                let answer = try Programs.shell(
                    "printf '\(call)\\n' | socat - UNIX-CONNECT:\(fixture.socket)"
                )
                #expect(try JSONParser.parse(answer)["result"]?["name"] == "videogend")
                let unfinished = try Programs.shell(
                    "printf '\(call)' | socat - UNIX-CONNECT:\(fixture.socket)"
                )
                #expect(try JSONParser.parse(unfinished)["result"]?["name"] == "videogend")
            }
        }

        @Test("ffprobe plays the published file", .timeLimit(.minutes(1)))
        func ffprobe() throws {
            try DaemonFixture.with { fixture in
                for (prompt, name) in [("a cat", "h264"), ("a dog [[simulate: webm]]", "vp")] {
                    let job = try fixture.run(prompt)
                    let file = job["output"]?["file"]?.stringValue ?? ""
                    #expect(file.hasSuffix(name == "vp" ? ".webm" : ".mp4"))
                    let codec = try Programs.shell(
                        "ffprobe -v error -select_streams v:0 -show_entries stream=codec_name -of csv=p=0 '\(file)'"
                    )
                    #expect(codec.hasPrefix(name), "\(codec)")
                }
            }
        }
    }
}
