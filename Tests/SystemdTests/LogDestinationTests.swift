import Glibc
import Testing

@testable import Systemd

@Suite("Where the log goes")
struct LogDestinationTests {
    @Test("Only a descriptor with the announced device and inode is the journal")
    func journalStream() throws {
        var pipes: [Int32] = [0, 0]
        try #require(pipe(&pipes) == 0)
        defer { pipes.forEach { close($0) } }
        var status = stat()
        try #require(fstat(pipes[1], &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"

        #expect(isJournal(stream, pipes[1]))
        #expect(!isJournal(stream, 100_000))
        for other in ["\(status.st_dev):\(status.st_ino + 1)", "\(status.st_dev)", "", "a:b", "\(stream):1"] {
            #expect(!isJournal(other, pipes[1]))
        }
        #expect(!LogDestination.isConnectedToJournal(environment: [:], fileDescriptor: pipes[1]))
    }

    @Test("Without a journal the log is lines")
    func current() {
        #expect(LogDestination.current(environment: [:]) == .standardError)
        #expect(LogDestination.standardError.makeLogHandler() is StandardErrorLogHandler)
        #expect(LogDestination.journal.makeLogHandler() is JournalLogHandler)
    }

    private func isJournal(_ stream: String, _ fileDescriptor: Int32) -> Bool {
        let environment = ["JOURNAL_STREAM": stream]
        return LogDestination.isConnectedToJournal(environment: environment, fileDescriptor: fileDescriptor)
    }
}
