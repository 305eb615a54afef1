import JSON
import Testing

@testable import videogenctl

@Suite("Tables")
struct TableTests {
    private let jobs: [Job] = [
        Job(jobJSON("06a3k9v2t0c5h8d1", "in_progress", JSONObject(["progress": 42, "label": "storms"]))),
        Job(jobJSON("06a3k9v2t0c5h8d2", "completed", JSONObject(["request": ["prompt": "日本の海、\n嵐の夜"]]))),
    ].compactMap(\.self)

    private func lines(_ width: Int?) -> [String] {
        JobTable.make(jobs, now: 1_782_892_920_000, showsOwner: false)
            .lines(width: width, ellipsis: "…").map(\.plain)
    }

    @Test("lines columns up, also with wide characters")
    func aligned() {
        #expect(
            lines(nil) == [
                "ID                STATE            AGE  MODEL               COST  LABEL   PROMPT",
                "06a3k9v2t0c5h8d1  in_progress 42%   2m  veo3-1-fast-video         storms  A storm",
                "06a3k9v2t0c5h8d2  completed         2m  veo3-1-fast-video  $0.35          日本の海、 嵐の夜",
            ]
        )
    }

    @Test("shortens the least important columns first")
    func narrow() {
        #expect(
            lines(80)[2] == "06a3k9v2t0c5h8d2  completed         2m  veo3-1-fas…  $0.35          日本の海、 …"
        )
        #expect(lines(80).allSatisfy { TextWidth.columns(of: $0) <= 80 })
    }

    @Test("leaves columns out where nothing else helps, never the id and the state", arguments: 20...120)
    func fits(_ width: Int) {
        let all = lines(width)
        #expect(all[0].hasPrefix("ID                STATE"))
        if width >= 33 {
            #expect(all.allSatisfy { TextWidth.columns(of: $0) <= width }, "\(all)")
        }
    }

    @Test("a job of several users is shown with its owner")
    func owner() {
        let lines = JobTable.make(jobs, now: 0, showsOwner: true).lines(width: nil, ellipsis: "…")
        #expect(lines[0].plain.contains("OWNER"))
        #expect(lines[1].plain.contains("ada"))
    }
}
