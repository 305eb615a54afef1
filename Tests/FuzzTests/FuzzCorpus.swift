import Glibc

/// The inputs to begin with, files that are checked in.
///
/// An input that once did harm is added and never removed.
struct FuzzCorpus {
    let inputs: [(file: String, bytes: [UInt8])]

    /// Reads a directory of the corpus.
    init(_ name: String) throws {
        let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        let path = "\(root)/corpus/\(name)"
        guard let directory = opendir(path) else { throw FuzzFinding("no corpus \(path)") }
        defer { closedir(directory) }
        var inputs: [(file: String, bytes: [UInt8])] = []
        while let entry = readdir(directory) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !file.hasPrefix(".") {
                inputs.append((file, try Self.contents(of: "\(path)/\(file)")))
            }
        }
        guard !inputs.isEmpty else { throw FuzzFinding("the corpus \(path) is empty") }
        // In the order of a directory, inputs would differ between machines.
        self.inputs = inputs.sorted { $0.file < $1.file }
    }

    private static func contents(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw FuzzFinding("cannot open \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The resident memory of this process in bytes.
    static var memory: Int {
        guard let bytes = try? contents(of: "/proc/self/statm") else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// An input as text that can be pasted into a test.
    static func quoted(_ input: [UInt8]) -> String {
        input.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0\(text)" : text
        }.joined()
    }
}
