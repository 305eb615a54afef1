import JSON
import JobCore
import TestSupport
import Testing

@testable import DaemonCore

/// What lists, snapshots and events show of a request.
@Suite struct BriefRequestTests {
    private func brief(_ value: JSONValue) throws -> (value: JSONValue, isCut: Bool) {
        var request = BriefRequest()
        var writer = JSONWriter()
        request.write(value, to: &writer)
        return (try JSONParser.parse(writer.bytes), request.isCut)
    }

    @Test func leavesWhatFits() throws {
        let fits: JSONValue = ["a": .string(String(repeating: "x", count: 1024)), "b": [1, true, nil, "é"]]
        #expect(try brief(fits) == (fits, false))
    }

    @Test func cutsStringsAtAKibibyte() throws {
        let long = try brief(["prompt": .string(String(repeating: "x", count: 1025)), "seed": 7])
        #expect(long == (["prompt": .string(String(repeating: "x", count: 1024)), "seed": 7], true))
        // Never within a character: 1023 bytes and one of two.
        let text = String(repeating: "x", count: 1023) + "éé"
        #expect(try brief(.string(text)) == (.string(String(repeating: "x", count: 1023)), true))
        // Nor is it a matter of what is shown as one character.
        let marks = "e" + String(repeating: "\u{301}", count: 4000)
        #expect(try brief(.string(marks)).value.stringValue?.utf8.count == 1023)
    }

    /// An object of that many members, read as a submission is.
    private func object(_ count: Int, _ value: String) throws -> JSONValue {
        try JSONParser.parse("{" + (0..<count).map { #""m\#($0)":"\#(value)""# }.joined(separator: ",") + "}")
    }

    @Test func cutsARequestOfVeryManyMembers() throws {
        let many = try brief(object(20_000, "value"))
        #expect(many.isCut)
        #expect(many.value.text.utf8.count < 24 << 10)
        let list = try brief(["list": .array([JSONValue](repeating: 1, count: 1_000_000))])
        #expect(list.isCut && list.value.text.utf8.count < 24 << 10)
        let name = String(repeating: "n", count: 2000)
        #expect(try brief(.object(JSONObject([(name, 1), ("a", 2)]))) == (["a": 2], true))
    }

    @Test func aPageFitsIntoALine() throws {
        let shown = try object(1200, #"\u0001\u0001\u0001\u0001"#).text
        let jobs = (0..<301).map { number in
            var job = JobSample.job(number)
            job.request = JobRequest(
                model: "m",
                shown: shown,
                body: .inline("{}"),
                fingerprint: ""
            )
            return JobText(job)
        }
        let page = JobPage(Array(jobs.reversed()), limit: 1000, holdUp: nil)
        #expect(page.jobs.count > 50 && page.jobs.count < 300)
        #expect(page.jobs.reduce(0) { $0 + $1.count + 1 } <= JobPage.maximumBytes)
        let last = try JSONParser.parse(try #require(page.jobs.last))
        #expect(last["truncated"] == true && last["id"]?.stringValue == page.nextCursor)
        let few = JobPage(Array(jobs.prefix(3)), limit: 3, holdUp: nil)
        #expect(few.jobs.count == 3 && few.nextCursor == nil)
        let first = JobPage(Array(jobs.prefix(3)), limit: 2, holdUp: nil)
        #expect(first.jobs.count == 2 && first.nextCursor == jobs[1].job.id.description)
    }

    @Test func anOwnerAlwaysHasAName() throws {
        var job = JobSample.job(0)
        job.owner = JobOwner(uid: 54_321, user: nil)
        let value = try JSONParser.parse(JobText(job).bytes(brief: false, holdUp: nil))
        #expect(value["owner"] == ["uid": 54_321, "user": "54321"])
    }

    @Test(arguments: [JobState.inQueue, .inProgress])
    func whatARunWaitsForIsAReason(_ state: JobState) throws {
        var job = JobSample.job(0, state)
        #expect(try JSONParser.parse(JobText(job).bytes(brief: false, holdUp: nil))["reason"] == nil)
        job.providerStatus = "COMPLETED"
        job.runNote = "no link yet"
        let value = try JSONParser.parse(JobText(job).bytes(brief: false, holdUp: nil))
        #expect(value["reason"] == "no link yet" && value["provider_status"] == "COMPLETED")
    }

    @Test("many are made in their order, whatever is left over", arguments: [0, 1, 512, 513, 2000])
    func many(_ count: Int) {
        let jobs = (0..<count).map { JobSample.job($0, .completed) }
        let texts = JobText.make(jobs)
        #expect(texts.map(\.job.id) == jobs.map(\.id))
        #expect(
            texts.last?.bytes(brief: false, holdUp: nil)
                == jobs.last.map { JobText($0).bytes(brief: false, holdUp: nil) }
        )
    }
}

extension JSONObject {
    fileprivate init(_ members: [(String, JSONValue)]) {
        self.init()
        for (name, value) in members {
            self[name] = value
        }
    }
}
