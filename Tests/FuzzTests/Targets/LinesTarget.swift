import NIOCore

@testable import ControlTransport

/// The splitter of lines: the same lines however the bytes arrive.
///
/// The first byte says how long a line may be, the second in which pieces the rest arrives.
enum LinesTarget: FuzzTarget {
    static let name = "lines"

    static func run(_ input: [UInt8]) throws {
        guard input.count > 2 else { return }
        let maximum = Int(input[0] & 63) + 1
        let piece = Int(input[1] & 31) + 1
        let bytes = Array(input[2...])
        let wanted = reference(bytes, maximum)
        for size in [piece, bytes.count] where size > 0 {
            let found = read(bytes, maximum, pieces: size)
            guard found == wanted else { throw FuzzFinding("pieces of \(size): \(found), not \(wanted)") }
        }
    }

    /// The lines, and whether one was too long; what follows that one does not count.
    private struct Lines: Equatable {
        var lines: [[UInt8]] = []
        var isTooLong = false
    }

    private static func read(_ bytes: [UInt8], _ maximum: Int, pieces size: Int) -> Lines {
        var reader = LineReader(maximum: maximum)
        var result = Lines()
        for start in stride(from: 0, to: bytes.count, by: size) {
            let end = min(start + size, bytes.count)
            reader.append(ByteBuffer(bytes: bytes[start..<end]))
            reading: while true {
                switch reader.next(isInputClosed: end == bytes.count) {
                case .line(let line): result.lines.append(Array(line.readableBytesView))
                case .tooLong:
                    result.isTooLong = true
                    return result
                case .none: break reading
                }
            }
            _ = reader.settle()
        }
        return result
    }

    private static func reference(_ bytes: [UInt8], _ maximum: Int) -> Lines {
        var result = Lines()
        var pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        // Behind the last line feed there is no line, unless there is something.
        if pieces.last?.isEmpty == true {
            pieces.removeLast()
        }
        for piece in pieces {
            let line = piece.last == 0x0D ? Array(piece.dropLast()) : piece
            guard line.count <= maximum else {
                result.isTooLong = true
                return result
            }
            result.lines.append(line)
        }
        return result
    }
}
