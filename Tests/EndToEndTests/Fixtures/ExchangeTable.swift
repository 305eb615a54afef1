import JSON

/// What the daemon has to answer to what, from a file of `Tables/`.
struct ExchangeTable {
    struct Exchange {
        /// The line number in the table.
        let number: Int
        let request: String
        /// What the answer has to hold; nil when none may come.
        let answer: JSONValue?
    }

    let exchanges: [Exchange]

    /// Reads a table.
    init(_ name: String) throws {
        let tests = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(2).joined(separator: "/")
        let text = TestFolder.text(of: "\(tests)/Tables/\(name)")
        var exchanges: [Exchange] = []
        var request: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("--> ") {
                request = String(line.dropFirst(4))
            } else if line.hasPrefix("<-- "), let asked = request {
                let answer = String(line.dropFirst(4))
                exchanges.append(
                    Exchange(
                        number: index + 1,
                        request: asked,
                        // A plain nil would be the JSON value null.
                        answer: answer == "nothing" ? JSONValue?.none : try JSONParser.parse(answer)
                    )
                )
                request = nil
            }
        }
        guard !exchanges.isEmpty, request == nil else { throw EndToEndError("\(name) is no table") }
        self.exchanges = exchanges
    }

    /// Whether a value holds everything that is wanted of it; in a batch in any order, and nothing else.
    static func holds(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
        switch wanted {
        case .object(let members):
            return members.members.allSatisfy { member in
                value[member.name].map { holds($0, member.value) } ?? false
            }
        case .array(let elements):
            guard var left = value.arrayValue, left.count == elements.count else { return false }
            for element in elements {
                guard let index = left.firstIndex(where: { holds($0, element) }) else { return false }
                left.remove(at: index)
            }
            return true
        default:
            return value == wanted
        }
    }
}
