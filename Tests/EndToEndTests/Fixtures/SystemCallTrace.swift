import Glibc

/// What strace(1) wrote about a program with several threads, in the order in which it happened.
///
/// The kernel stops a thread before each call and after it, and strace writes a line at each stop. So what had returned
/// on one line had returned before whatever begins on a later one, on whichever threads.
struct SystemCallTrace {
    /// The calls by the line on which they were entered.
    var calls: [SystemCall]

    /// The calls that the tests look at.
    static let names = [
        "fsync", "fdatasync", "renameat", "renameat2", "pwrite64", "write", "writev", "sendto", "sendmsg",
    ]

    /// What to put before a program so that its calls are written to a file.
    ///
    /// The tracer is the program's grandchild, so that the program keeps the process that was started.
    static func command(writingTo file: String, _ program: [String], _ more: [String] = []) -> [String] {
        [
            "strace", "-D", "-f", "-q", "-y", "-s", "8192", "-o", file, "-e",
            "trace=\(names.joined(separator: ","))",
        ]
            + more + program
    }

    /// Reads a trace.
    init(file: String) {
        self.init(text: TestFolder.contents(of: file))
    }

    init(text: [UInt8]) {
        calls = []
        var open: [Int: (name: String, arguments: String, line: Int)] = [:]
        for (number, line) in text.split(separator: 0x0A).enumerated() {
            let line = Substring(String(decoding: line, as: UTF8.self)).utf8
            guard let blank = line.firstIndex(of: UInt8(ascii: " ")),
                let thread = Int(String(Substring(line[..<blank])))
            else { continue }
            let rest = line[blank...].drop { $0 == UInt8(ascii: " ") }
            if rest.starts(with: "<... ".utf8) {
                guard let begun = open.removeValue(forKey: thread),
                    let end = rest.firstIndex(of: UInt8(ascii: ">"))
                else { continue }
                let more = String(Substring(rest[rest.index(after: end)...]))
                add(begun.name, begun.arguments + more, begun.line, number)
            } else if let parenthesis = rest.firstIndex(of: UInt8(ascii: "(")) {
                let name = String(Substring(rest[..<parenthesis]))
                let arguments = String(Substring(rest[parenthesis...]))
                let mark = " <unfinished ...>"
                if arguments.utf8.suffix(mark.utf8.count).elementsEqual(mark.utf8) {
                    let length = arguments.utf8.count - mark.utf8.count
                    open[thread] = (
                        name, String(decoding: arguments.utf8.prefix(length), as: UTF8.self), number
                    )
                } else {
                    add(name, arguments, number, number)
                }
            }
        }
        // What never returned: the process died in it, and it may or may not have happened.
        calls.sort { $0.begun < $1.begun }
    }

    private mutating func add(_ name: String, _ text: String, _ begun: Int, _ ended: Int) {
        // The result stands behind the last `)` and a `=`, blanks between them; texts in the arguments may hold the same.
        let bytes = Array(text.utf8)
        let blank = UInt8(ascii: " ")
        for equal in bytes.indices.reversed() where bytes[equal] == UInt8(ascii: "=") {
            guard let end = bytes[..<equal].lastIndex(where: { $0 != blank }), bytes[end] == UInt8(ascii: ")")
            else { continue }
            let result = bytes[(equal + 1)...].drop { $0 == blank }.prefix { $0 != blank }
            calls.append(
                SystemCall(
                    name: name,
                    arguments: String(decoding: bytes[...end], as: UTF8.self),
                    result: Int(String(decoding: result, as: UTF8.self)) ?? -1,
                    begun: begun,
                    ended: ended
                )
            )
            return
        }
    }

    /// The same without one call.
    func removing(_ call: SystemCall) -> SystemCallTrace {
        var trace = self
        trace.calls.removeAll { $0 == call }
        return trace
    }
}
