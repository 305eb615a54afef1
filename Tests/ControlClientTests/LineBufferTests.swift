import Testing

@testable import ControlClient

@Suite("Line buffer")
struct LineBufferTests {
    private func lines(_ chunks: [String], limit: Int = 100) -> [String] {
        var buffer = LineBuffer(limit: limit)
        var lines: [String] = []
        for chunk in chunks {
            Array(chunk.utf8).withUnsafeBytes { buffer.append($0) }
            while let line = buffer.next() {
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
        return lines
    }

    @Test("finds the same lines wherever the stream is cut")
    func everySplit() {
        let text = "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":\"ü\"}\nrest"
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var buffer = LineBuffer(limit: 100)
            var lines: [String] = []
            for chunk in [bytes[..<cut], bytes[cut...]] {
                Array(chunk).withUnsafeBytes { buffer.append($0) }
                while let line = buffer.next() {
                    lines.append(String(decoding: line, as: UTF8.self))
                }
            }
            #expect(lines == ["{\"a\":1}", "{\"b\":2}", "{\"c\":\"ü\"}"], "cut at \(cut)")
        }
    }

    @Test("leaves out blank lines and carriage returns")
    func blankLines() {
        #expect(lines(["\n\r\n\na\r\n", "\n", "b\n"]) == ["a", "b"])
    }

    @Test("keeps going over thousands of lines in small pieces")
    func manyLines() {
        let text = (0..<5000).map { "line \($0)\n" }.joined()
        let chunks = stride(from: 0, to: text.utf8.count, by: 7).map { start in
            String(decoding: Array(text.utf8)[start..<min(start + 7, text.utf8.count)], as: UTF8.self)
        }
        #expect(lines(chunks).count == 5000)
        #expect(lines(chunks).last == "line 4999")
    }

    @Test("knows a line that is too long, and takes one that is just not")
    func limit() {
        var buffer = LineBuffer(limit: 4)
        Array("1234".utf8).withUnsafeBytes { buffer.append($0) }
        #expect(buffer.next() == nil)
        #expect(!buffer.isOverLimit)
        Array("5".utf8).withUnsafeBytes { buffer.append($0) }
        #expect(buffer.next() == nil)
        #expect(buffer.isOverLimit)
    }
}
