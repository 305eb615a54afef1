import Glibc

/// One system call of a trace.
struct SystemCall: Hashable, CustomStringConvertible {
    /// Its name, such as `fsync`.
    let name: String
    /// Everything between the name and the result, as strace(1) writes it.
    let arguments: String
    /// The returned number.
    let result: Int
    /// The line at which it was entered.
    let begun: Int
    /// The line at which it had returned.
    let ended: Int

    /// Whether it did what it was asked for.
    var succeeded: Bool {
        result >= 0
    }

    var description: String {
        "\(name)\(arguments.prefix(160)) = \(result), lines \(begun)-\(ended)"
    }

    /// The path or socket that its first argument, a descriptor, stands for (`strace -y`).
    var file: Substring {
        guard let open = arguments.firstIndex(of: "<"),
            let close = arguments[open...].firstIndex(of: ">")
        else { return "" }
        return arguments[arguments.index(after: open)..<close]
    }

    /// Whether a text stands in its arguments.
    func holds(_ text: String) -> Bool {
        // Swift's own search is slow without optimisation, and traces are long.
        strstr(arguments, text) != nil
    }
}
