import FoundationEssentials
import JSON
import JobCore

/// The bytes of a job in the table `job`.
///
/// The version stands beside the bytes in a column of its own, so a later version can read what this one wrote.
struct JobRecordCodec {
    /// The version that is written.
    static let version = 1

    private let decoder = JSONDecoder()

    /// Writes a job; the same job has the same bytes.
    func encode(_ job: Job) throws -> Data {
        Data(try JSONStreamEncoder.encode(job))
    }

    /// Reads a job.
    ///
    /// - Parameter record: What the table holds.
    /// - Returns: The job.
    /// - Throws: `UnreadableRecord`, with a sentence for people that says nothing of the content.
    func decode(_ record: StoredRecord) throws(UnreadableRecord) -> Job {
        guard record.version == Self.version else {
            throw UnreadableRecord(
                id: record.id,
                reason: "it has the form \(record.version), known is \(Self.version)"
            )
        }
        let job: Job
        do {
            job = try decoder.decode(Job.self, from: record.bytes)
        } catch {
            throw UnreadableRecord(id: record.id, reason: Self.words(error))
        }
        guard job.id.description == record.id, JobID(record.id) != nil else {
            throw UnreadableRecord(id: record.id, reason: "it holds another job's identifier")
        }
        return job
    }

    /// Reads many jobs on all cores, in their order.
    ///
    /// At the start ten thousand jobs are waited for; decoding is most of that time.
    static func decode(_ records: [StoredRecord]) async -> [Result<Job, UnreadableRecord>] {
        let size = 512
        return await withTaskGroup(of: (Int, [Result<Job, UnreadableRecord>]).self) { group in
            for start in stride(from: 0, to: records.count, by: size) {
                let part = records[start..<min(start + size, records.count)]
                group.addTask {
                    let codec = JobRecordCodec()
                    return (
                        start,
                        part.map { record in
                            Result { () throws(UnreadableRecord) in try codec.decode(record) }
                        }
                    )
                }
            }
            var parts: [Int: [Result<Job, UnreadableRecord>]] = [:]
            for await (start, part) in group {
                parts[start] = part
            }
            return parts.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        var missing = ""
        switch error {
        case .keyNotFound(let key, let found):
            context = found
            missing = ".\(key.stringValue)"
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        @unknown default: return "it is not readable"
        }
        let path = context.codingPath.map { ".\($0.stringValue)" }.joined() + missing
        return path.isEmpty ? context.debugDescription : "at \(path): \(context.debugDescription)"
    }
}

/// A job as it stands in the table.
struct StoredRecord: Sendable {
    /// The column `id`.
    let id: String
    /// The column `version`.
    let version: Int
    /// The column `record`.
    let bytes: Data
}

/// A record that cannot be read; it stays where it is.
struct UnreadableRecord: Error {
    /// The column `id`.
    let id: String
    /// Why.
    let reason: String
}
