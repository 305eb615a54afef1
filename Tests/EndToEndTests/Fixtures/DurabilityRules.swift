import JSON

/// The order of system calls that the promises to pay once and to lose nothing stand on (CONTRACT sections 4 and 5).
///
/// For one job with one video: intent synced → first byte of the POST; video synced, renamed within the staging
/// directory, that directory synced → name synced → receipt and video synced → receipt renamed, then the video →
/// both directories synced → `completed` synced → told to clients.
struct DurabilityRules {
    /// What is missing, or comes too late.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// A job of which every step is known.
    struct TracedJob {
        let id: String
        /// The UUID that went out with its submission.
        let uuid: String
        /// The names of the published files, without directory.
        let video: String
        let receipt: String

        init(_ job: JSONValue) throws {
            func name(_ member: String) -> String {
                let path = job["output"]?[member]?.stringValue ?? ""
                return path.split(separator: "/").last.map(String.init) ?? ""
            }
            id = job["id"]?.stringValue ?? ""
            uuid = job["attempts_log"]?.arrayValue?.last?["uuid"]?.stringValue ?? ""
            video = name("file")
            receipt = name("receipt")
            guard !id.isEmpty, !uuid.isEmpty, !video.isEmpty, !receipt.isEmpty else {
                throw Violation(description: "not a completed job: \(job.text)")
            }
        }
    }

    let trace: SystemCallTrace
    /// The absolute paths.
    let journal: String
    let output: String
    let staging: String

    /// The calls in question, each of which is needed.
    ///
    /// - Returns: In the order in which they have to come, as far as there is one.
    /// - Throws: `Violation` for the first that is not where it belongs.
    func steps(of job: TracedJob) throws -> [SystemCall] {
        let log = "\(journal)-wal"
        let part = "\(staging)/\(job.id)-0-0.part"
        let video = "\(staging)/\(job.id)-0-0.video"
        let receipt = "\(staging)/\(job.id)-0-0.receipt"

        // The row of a job begins with its identifier and state, so these stand side by side in the page.
        let intent = try first("write of the intent to the journal") {
            $0.name == "pwrite64" && $0.file == log && $0.holds(job.uuid)
        }
        let body = try first("POST") { isSend($0) && $0.holds("conversationUUID") && $0.holds(job.uuid) }
        // The head may leave in a call of its own; a paid request has a connection of its own.
        let post = try first("first byte of the POST") { isSend($0) && $0.file == body.file }
        guard post.holds("POST /") else { throw Violation(description: "no POST begins with \(post)") }
        let intentSync = try sync(of: log, after: intent, before: post, "journal sync of the intent")

        let piece = try last("piece of the video") { $0.name == "pwrite64" && $0.file == part }
        let staged = try first("rename within the staging directory") {
            $0.name == "renameat" && $0.holds("-0-0.part") && $0.holds("\(job.id)-0-0.video") && $0.succeeded
        }
        let partSync = try sync(of: part, after: piece, before: staged, "sync of the complete download")
        let name = try first("write of the name to the journal") {
            $0.name == "pwrite64" && $0.file == log && $0.holds(stem(job.video))
        }
        let stagedSync = try sync(
            of: staging,
            after: staged,
            before: name,
            "sync of the staging directory"
        )
        let receiptMove = try move(receipt, as: job.receipt)
        let videoMove = try move(video, as: job.video)
        guard receiptMove.ended < videoMove.begun else {
            throw Violation(description: "the video was published before its receipt")
        }
        let nameSync = try sync(of: log, after: name, before: receiptMove, "journal sync of the name")
        let receiptText = try last("write of the receipt") { $0.name == "pwrite64" && $0.file == receipt }
        let receiptSync = try sync(
            of: receipt,
            after: receiptText,
            before: receiptMove,
            "sync of the receipt"
        )
        let videoSync = try sync(of: video, after: staged, before: receiptMove, "sync of the staged video")

        let completed = try first("write of 'completed' to the journal") {
            // The page with the record, not those of the indexes.
            $0.name == "pwrite64" && $0.file == log && $0.holds("\(job.id)completed") && $0.holds(job.uuid)
        }
        let outputSync = try sync(
            of: output,
            after: videoMove,
            before: completed,
            "sync of the output directory after both renames"
        )
        let stagingSync = try sync(
            of: staging,
            after: videoMove,
            before: completed,
            "sync of the staging directory after both renames"
        )
        let told = try first("word of it to a client") {
            isSend($0) && $0.holds(job.id) && $0.holds(#"\"state\":\"completed\""#)
        }
        let completedSync = try sync(of: log, after: completed, before: told, "journal sync of 'completed'")
        return [
            intent, intentSync, post, partSync, staged, stagedSync, name, nameSync, receiptSync, videoSync,
            receiptMove, videoMove, outputSync, stagingSync, completed, completedSync,
        ]
    }

    private func first(_ what: String, _ isWanted: (SystemCall) -> Bool) throws -> SystemCall {
        guard let call = trace.calls.first(where: isWanted) else {
            throw Violation(description: "no \(what)")
        }
        return call
    }

    private func last(_ what: String, _ isWanted: (SystemCall) -> Bool) throws -> SystemCall {
        guard let call = trace.calls.last(where: isWanted) else { throw Violation(description: "no \(what)") }
        return call
    }

    private func sync(
        of file: String,
        after earlier: SystemCall,
        before later: SystemCall,
        _ what: String
    ) throws -> SystemCall {
        try first("\(what) between \(earlier) and \(later)") {
            ($0.name == "fsync" || $0.name == "fdatasync") && $0.file == file && $0.succeeded
                && $0.begun > earlier.ended && $0.ended < later.begun
        }
    }

    private func move(_ path: String, as name: String) throws -> SystemCall {
        let old = path.split(separator: "/").last.map(String.init) ?? path
        return try first("rename of \(old) to \(name) that never replaces") {
            $0.name == "renameat2" && $0.holds("\"\(old)\"") && $0.holds("<\(output)>, \"\(name)\"")
                && $0.holds("RENAME_NOREPLACE") && $0.succeeded
        }
    }

    private func isSend(_ call: SystemCall) -> Bool {
        ["write", "writev", "sendto", "sendmsg"].contains(call.name) && call.file.hasPrefix("socket:")
    }

    private func stem(_ name: String) -> String {
        name.split(separator: ".").first.map(String.init) ?? name
    }
}
