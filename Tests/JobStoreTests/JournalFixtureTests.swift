import FoundationEssentials
import Glibc
import JSON
import JobCore
import JobEngine
import TestSupport
import Testing

@testable import JobStore

/// What a released version wrote is read by every later one.
///
/// Fixtures are added, never edited. With `VIDEOGEND_WRITE_FIXTURES=1` in the environment those that are missing
/// are written; what is there stays as it is.
@Suite("Records and databases of released versions are read")
struct JournalFixtureTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Fixtures"
    private static let isWriting = getenv("VIDEOGEND_WRITE_FIXTURES") != nil

    private func read(_ name: String) throws -> [UInt8] {
        try StateFolder(root: Self.folder).read("\(Self.folder)/\(name)")
    }

    private func exists(_ name: String) -> Bool {
        FileStatus("\(Self.folder)/\(name)") != nil
    }

    private func add(_ bytes: some Collection<UInt8>, as name: String) throws {
        guard Self.isWriting, !exists(name) else { return }
        let path = "\(Self.folder)/\(name)"
        try StateFolder(root: Self.folder).write(bytes, to: path)
        chmod(path, 0o644)
    }

    /// The text with its members sorted: their order says nothing.
    private static func canonical(_ bytes: [UInt8]) throws -> String {
        var writer = JSONWriter()
        writer.canonicalValue(try JSONParser.parse(String(decoding: bytes, as: UTF8.self)))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func recordsOfVersionOne() throws {
        mkdir("\(Self.folder)/record-1", 0o755)
        let codec = JobRecordCodec()
        for (name, job) in JobSample.everyState {
            let file = "record-1/\(name).json"
            try add(codec.encode(job), as: file)
            let bytes = try read(file)
            let record = StoredRecord(id: job.id.description, version: 1, bytes: Data(bytes))
            #expect(try codec.decode(record) == job, "\(name)")
            // A member that is written anew has to be one that older records may lack.
            #expect(try Self.canonical(Array(codec.encode(job))) == Self.canonical(bytes), "\(name)")
        }
    }

    /// What attempts have had since then: records that were written before lack the members.
    @Test func newerMembersOfAnAttempt() throws {
        let codec = JobRecordCodec()
        var attempt = JobSample.attempt(1, .running(Run()), runID: "run_1")
        attempt.cost = nil
        let old = JobSample.job(0, .inQueue, attempts: [attempt])
        attempt.currency = "XNO"
        attempt.requestID = "req-1"
        let new = JobSample.job(0, .inQueue, attempts: [attempt])
        let bytes = try codec.encode(new)
        let text = String(decoding: bytes, as: UTF8.self)
        let members = [#""currency":"XNO","#, #""requestID":"req-1","#]
        #expect(members.allSatisfy { text.contains($0) })
        let id = new.id.description
        #expect(try codec.decode(StoredRecord(id: id, version: 1, bytes: bytes)) == new)
        let older = members.reduce(text) { $0.replacing($1, with: "") }
        #expect(try codec.decode(StoredRecord(id: id, version: 1, bytes: Data(older.utf8))) == old)
    }

    @Test func databaseOfVersionOne() async throws {
        let name = "journal-1.sqlite"
        if Self.isWriting, !exists(name) {
            try await StateFolder.with { folder in
                let journal = try folder.open()
                try await journal.commit(
                    JobSample.everyState.map { .job($0.job) } + [
                        .forget(JobSample.everyState[10].job.id), .sent(JobSample.epoch), .drained(true),
                    ]
                )
                await journal.close()
                try add(folder.read(folder.main), as: name)
            }
        }
        let bytes = try read(name)
        #expect(bytes.count <= 65536)
        try await StateFolder.with { folder in
            mkdir(folder.state, 0o700)
            try folder.write(bytes, to: folder.main)
            let journal = try folder.open()
            let state = try await journal.restore()
            let jobs = JobSample.everyState.map(\.job)
            #expect(state.live == jobs.filter { !$0.isSettled })
            #expect(state.finished == jobs.filter { $0.isSettled && $0.id != jobs[10].id }.reversed())
            #expect(state.clientKeys.count == jobs.filter { $0.clientKey != nil }.count)
            #expect(state.sent == [JobSample.epoch])
            #expect(state.drained && state.drainReason == nil)
            #expect(state.lastID == jobs.last?.id)
            #expect(state.unreadable.isEmpty && journal.warnings.isEmpty)
            await journal.close()
        }
    }

    @Test func wordsOfAnUnreadableRecordSayNothingOfItsContent() throws {
        let codec = JobRecordCodec()
        let id = JobSample.job(0).id.description
        var text = String(decoding: try codec.encode(JobSample.job(0)), as: UTF8.self)
        text = text.replacing("\"createdAt\":", with: "\"createdAt\":\"secret\",\"x\":")
        let error = #expect(throws: UnreadableRecord.self) {
            try codec.decode(StoredRecord(id: id, version: 1, bytes: Data(text.utf8)))
        }
        #expect(error?.reason.contains(".createdAt") == true)
        #expect(error?.reason.contains("secret") == false)
        let other = try codec.encode(JobSample.job(1))
        #expect(throws: UnreadableRecord.self) {
            try codec.decode(StoredRecord(id: id, version: 1, bytes: other))
        }
    }
}
