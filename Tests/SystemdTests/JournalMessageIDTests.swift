import Glibc
import Testing

@testable import Systemd

@Suite("Message ids")
struct JournalMessageIDTests {
    @Test("Ids are different and of the form that the journal takes")
    func form() {
        #expect(Set(JournalMessageID.allCases).count == 10)
        for id in JournalMessageID.allCases {
            #expect(id.rawValue.utf8.count == 32)
            #expect(id.rawValue.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
    }

    @Test("The catalog explains every id and no other")
    func catalog() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try contents(of: "/\(root)/systemd/videogend.catalog")
        let ids = text.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
        #expect(ids.sorted() == JournalMessageID.allCases.map(\.rawValue).sorted())
    }

    private func contents(of path: String) throws -> String {
        let file = open(path, O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}
