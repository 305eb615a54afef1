import Crypto
import Glibc

extension Descriptor {
    /// How much is read at a time when a file is hashed.
    private static let chunk = 1 << 20

    /// Feeds the first bytes of the file to a hash.
    ///
    /// - Parameters:
    ///   - length: How many bytes.
    ///   - hash: The hash.
    /// - Returns: Whether the file had that many.
    /// - Throws: When it cannot be read.
    func hash(_ length: Int64, into hash: inout SHA256) throws(SystemCallError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 16)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < length {
            let wanted = Int(min(Int64(Self.chunk), length - done))
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            guard try read(into: part, at: done) == wanted else { return false }
            hash.update(bufferPointer: UnsafeRawBufferPointer(part))
            done += Int64(wanted)
        }
        return true
    }

    /// The SHA-256 of a file of known length in lower-case hexadecimal; nil when it is shorter.
    func sha256(length: Int64) throws(SystemCallError) -> String? {
        var hash = SHA256()
        return try self.hash(length, into: &hash) ? hash.hexadecimal : nil
    }

    /// Reads at most so many bytes from the start of the file.
    func prefix(_ count: Int) throws(SystemCallError) -> [UInt8] {
        try bytes(count, at: 0)
    }

    /// Reads at most so many bytes; fewer where the file ends.
    func bytes(_ count: Int, at offset: Int64) throws(SystemCallError) -> [UInt8] {
        var failure: SystemCallError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(SystemCallError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure {
            throw failure
        }
        return bytes
    }

    /// Replaces what is in the file.
    func setContents(_ bytes: [UInt8]) throws(SystemCallError) {
        try truncate(to: 0)
        // The array's own method passes no typed error on.
        let result: Result<Void, SystemCallError> = bytes.withUnsafeBytes { buffer in
            do throws(SystemCallError) {
                return .success(try write(buffer, at: 0))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}

extension SHA256 {
    /// The digest in lower-case hexadecimal.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
