import CLinux
import Glibc

/// Where text goes: standard output or standard error, a terminal or not, or memory in a test.
final class TextStream {
    /// Whether somebody watches, so that lines may be drawn over.
    let isTerminal: Bool
    /// Whether styles are shown.
    let usesColor: Bool
    private let descriptor: Int32
    private let fixedColumns: Int?
    private let fixedRows: Int?
    /// What was written, where there is no descriptor.
    private(set) var captured = ""
    private var pending: [UInt8] = []
    private var failed = false

    /// Writes to a descriptor.
    init(descriptor: Int32, color: ColorChoice, environment: (String) -> String?) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        fixedColumns = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        fixedRows = environment("LINES").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        usesColor =
            switch color {
            case .always: true
            case .never: false
            // NO_COLOR counts when it is set and not empty (no-color.org).
            case .automatic:
                isTerminal && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
            }
    }

    /// Keeps what is written in memory.
    init(
        capturingWithColumns columns: Int? = nil,
        rows: Int? = nil,
        isTerminal: Bool = false,
        color: Bool = false
    ) {
        descriptor = -1
        fixedRows = rows
        self.isTerminal = isTerminal
        usesColor = color
        fixedColumns = columns
    }

    /// The width to fit lines into, asked for anew each time since windows change; `nil` where nothing is cut.
    var columns: Int? {
        guard descriptor >= 0, isTerminal else { return fixedColumns }
        let columns = Int(clinux_terminal_columns(descriptor))
        return columns > 0 ? columns : fixedColumns ?? 80
    }

    /// The lines of the terminal, asked for anew each time as the width is.
    var rows: Int {
        let rows = descriptor >= 0 && isTerminal ? Int(clinux_terminal_rows(descriptor)) : 0
        return max(4, rows > 0 ? rows : fixedRows ?? 24)
    }

    /// Writes text as it is.
    func write(_ text: String) {
        guard descriptor >= 0 else {
            captured += text
            return
        }
        pending.append(contentsOf: text.utf8)
        // A person waits for each line; a pipe rather takes large pieces.
        if isTerminal || descriptor == STDERR_FILENO || pending.count >= 65536 {
            flush()
        }
    }

    /// Writes a line.
    func line(_ text: StyledText) {
        write(text.rendered(color: usesColor) + "\n")
    }

    /// Hands over what was written.
    ///
    /// - Returns: Whether everything so far was taken.
    @discardableResult
    func flush() -> Bool {
        var written = 0
        while written < pending.count, !failed {
            let count = pending.withUnsafeBytes { all in
                Glibc.write(descriptor, all.baseAddress?.advanced(by: written), all.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&ready, 1, -1)
            } else {
                failed = errno != EINTR
            }
        }
        pending.removeAll(keepingCapacity: true)
        return !failed
    }
}
