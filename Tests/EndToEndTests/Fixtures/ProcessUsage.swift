import Glibc

/// What a process takes, from `/proc`.
struct ProcessUsage {
    /// Processor time in seconds.
    let processorSeconds: Double
    /// Resident memory in bytes.
    let memory: Int

    init(of pid: pid_t) throws {
        let text = TestFolder.text(of: "/proc/\(pid)/stat")
        // The name in parentheses may hold blanks.
        guard let end = text.lastIndex(of: ")") else { throw EndToEndError("no process \(pid)") }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 22, let user = Int(fields[12]), let system = Int(fields[13]),
            let pages = Int(fields[22])
        else { throw EndToEndError("/proc/\(pid)/stat: \(text)") }
        processorSeconds = Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        memory = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
