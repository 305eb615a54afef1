import Glibc
import Testing

@testable import NanoGPTSimulator

/// What docs/simulator.md says is what the simulator does.
@Suite struct DocumentTests {
    private let lines: [String]

    init() throws {
        let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try #require(fopen("/\(here)/docs/simulator.md", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func everyBehaviourHasItsLine() {
        for behaviour in Behaviour.allCases {
            let value = behaviour.valueHint.map { "`\($0.replacing("|", with: "\\|"))`" } ?? ""
            let line = "| `\(behaviour.rawValue)` | \(value) | \(behaviour.summary) |"
            #expect(lines.contains(line), "\(line)")
        }
        let names = lines.filter { $0.hasPrefix("| `") && $0.split(separator: "|").count >= 3 }
            .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        let known = Set(Behaviour.allCases.map(\.rawValue)).union(
            SimulatorSettings().json.members.map(\.name)
        )
        for name in names where !name.contains("/__simulator") && !name.contains("GET") {
            #expect(known.contains(name), "\(name)")
        }
    }

    @Test func everySettingHasItsDefault() {
        for member in SimulatorSettings().json.members {
            let line =
                "| `\(member.name)` | \(member.value.bool.map(String.init) ?? member.value.fieldText ?? "?") |"
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func theNumberOfModelsIsRight() {
        let count = ModelDirectory.embedded.models.count
        #expect(lines.contains { $0.contains("directory of \(count) models") })
    }
}
