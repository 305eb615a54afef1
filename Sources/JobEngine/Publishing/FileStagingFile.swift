import Crypto
import Glibc
import JobCore
import Logging
import Synchronization

/// A video that comes into the staging directory, hashed on its way.
final class FileStagingFile: StagingFile {
    /// What a download costs in calls and copies.
    struct Statistics: Hashable {
        /// Calls of pwrite(2).
        var writes = 0
        /// Bytes that went through the buffer.
        var copiedBytes = 0
    }

    private struct State {
        /// Nil when it is finished or suspended.
        var file: Descriptor?
        /// How many bytes have come, those in the buffer included; the hash has seen exactly these.
        var length: Int64
        var hash: SHA256
        var buffer: [UInt8] = []
        /// What `NAME.json` says or would say.
        var record: StagingRecord
        /// Set once bytes got lost: hash and file differ from then on.
        var failure: DownloadSinkError?
        var statistics = Statistics()
        /// Whether only the file itself can tell where it ends.
        var endIsUncertain = false
    }

    /// Network chunks are gathered until there are this many bytes.
    static let bufferSize = 256 << 10
    /// Pieces of this size are written as they come; smaller ones are gathered.
    static let writtenAtOnce = 16 << 10

    private let key: StagingKey
    private let names: StagingNames
    private let context: PublishingContext
    private let staging: Descriptor
    private let state: Mutex<State>

    /// Opens the staging file of a video and reads again what came earlier; blocks.
    init(_ key: StagingKey, context: PublishingContext) throws(SystemCallError) {
        self.key = key
        self.context = context
        names = StagingNames(key)
        staging = try context.directories.openStaging()
        try context.before(.openPart)
        let file = try staging.openFile(names.part, creating: true)
        var record = StagingRecord.fresh
        var length: Int64 = 0
        var hash = SHA256()
        if let earlier = try StagingRecord.read(names.record, in: staging) {
            let present = Int64(try file.status().st_size)
            let trusted = earlier.trustedBytes(of: present, boot: StagingRecord.currentBoot)
            let usable = earlier.validator != nil || earlier.totalBytes == trusted
            if trusted > 0, usable, try file.hash(trusted, into: &hash) {
                record = earlier
                length = trusted
                // Cut, so that the length of the file is again a measure of what can be trusted.
                if trusted < present {
                    try file.truncate(to: trusted)
                }
            } else {
                hash = SHA256()
            }
        }
        state = Mutex(State(file: file, length: length, hash: hash, record: record))
    }

    /// Whether all that the server announced has come, only `finish()` has not been done.
    var isComplete: Bool {
        state.withLock { $0.length > 0 && $0.record.totalBytes == $0.length && $0.failure == nil }
    }

    /// What the download has cost so far.
    var statistics: Statistics {
        state.withLock { $0.statistics }
    }

    var resumePoint: DownloadResumePoint? {
        state.withLock { state in
            guard state.file != nil, state.failure == nil, state.length > 0,
                let validator = state.record.validator
            else { return nil }
            return DownloadResumePoint(offset: state.length, validator: validator)
        }
    }

    // MARK: Download

    func begin(_ head: DownloadHead) throws(DownloadSinkError) {
        if let totalBytes = head.totalBytes {
            try checkSize(totalBytes)
        }
        try state.withLock { state throws(DownloadSinkError) in
            state.endIsUncertain = head.endIsUncertain
            if head.offset == 0 {
                try PublishingContext.sink { () throws(SystemCallError) in try startAnew(&state, head) }
                return
            }
            guard state.failure == nil, head.offset == state.length,
                head.validator == nil || head.validator == state.record.validator,
                head.totalBytes == nil || state.record.totalBytes == nil
                    || head.totalBytes == state.record.totalBytes
            else {
                // Two different files must never be joined, whatever the server says; the next try begins at 0.
                try PublishingContext.sink { () throws(SystemCallError) in try forget(&state) }
                let fault = JobFault(
                    .providerError,
                    "the download of \(key.name) did not go on where it had stopped",
                    charged: .yes,
                    retryable: true,
                    hint: "it is begun anew"
                )
                // Not the directory's fault: submissions and other downloads go on.
                state.failure = .interrupted(fault)
                throw .interrupted(fault)
            }
            state.record.totalBytes = state.record.totalBytes ?? head.totalBytes
            state.record.contentType = state.record.contentType ?? head.contentType
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadSinkError) {
        try state.withLock { state throws(DownloadSinkError) in
            if let failure = state.failure {
                throw failure
            }
            try checkSize(state.length + Int64(bytes.count))
            do throws(DownloadSinkError) {
                try PublishingContext.sink { () throws(SystemCallError) in try append(bytes, to: &state) }
            } catch {
                state.failure = error
                throw error
            }
        }
    }

    private func startAnew(_ state: inout State, _ head: DownloadHead) throws(SystemCallError) {
        try forget(&state)
        state.record.validator = head.validator
        state.record.totalBytes = head.totalBytes
        state.record.contentType = head.contentType
        guard head.validator != nil || head.totalBytes != nil else { return }
        try context.before(.writeRecord)
        try state.record.write(names.record, in: staging)
    }

    /// The record goes before the bytes, so that it never describes others.
    private func forget(_ state: inout State) throws(SystemCallError) {
        let file = try open(state)
        try context.before(.dropRecord)
        try staging.remove(names.record)
        try context.before(.emptyPart)
        try file.truncate(to: 0)
        state.length = 0
        state.hash = SHA256()
        state.buffer.removeAll(keepingCapacity: true)
        state.record = .fresh
        state.failure = nil
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to state: inout State) throws(SystemCallError) {
        if state.buffer.count + bytes.count > Self.bufferSize {
            try flush(&state)
        }
        if bytes.count >= Self.writtenAtOnce {
            // While the bytes are still in the processor's cache, and without a copy.
            try flush(&state)
            try put(bytes, &state)
        } else {
            if state.buffer.isEmpty {
                state.buffer.reserveCapacity(Self.bufferSize)
            }
            state.buffer.append(contentsOf: bytes)
            state.statistics.copiedBytes += bytes.count
        }
        state.hash.update(bufferPointer: bytes)
        state.length += Int64(bytes.count)
    }

    private func flush(_ state: inout State) throws(SystemCallError) {
        guard !state.buffer.isEmpty else { return }
        let buffer = state.buffer
        let result: Result<Void, SystemCallError> = buffer.withUnsafeBytes { bytes in
            do throws(SystemCallError) {
                return .success(try put(bytes, &state, alreadyCounted: true))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        state.buffer.removeAll(keepingCapacity: true)
    }

    /// Writes at the end of the file: behind all that is counted, or, for the buffer, before what it holds.
    private func put(
        _ bytes: UnsafeRawBufferPointer,
        _ state: inout State,
        alreadyCounted: Bool = false
    ) throws(SystemCallError) {
        try context.before(.writePart)
        state.statistics.writes += 1
        try open(state).write(bytes, at: alreadyCounted ? state.length - Int64(bytes.count) : state.length)
    }

    private func open(_ state: State) throws(SystemCallError) -> Descriptor {
        guard let file = state.file else {
            throw SystemCallError(number: EBADF, operation: "write", path: "\(staging.path)/\(names.part)")
        }
        return file
    }

    private func checkSize(_ bytes: Int64) throws(DownloadSinkError) {
        let maximum = context.limits.maximumBytes
        guard bytes > maximum else { return }
        throw .rejected(
            JobFault(
                .outputRejected,
                "the video has \(bytes) bytes or more, output.maximum_bytes is \(maximum)",
                charged: .yes,
                hint: "raise output.maximum_bytes, reload, and fetch it again with jobs.retry"
            )
        )
    }

    // MARK: End

    func finish() async throws(DownloadSinkError) -> StagedVideo {
        try await context.worker.run { () throws(DownloadSinkError) in try self.finishNow() }
    }

    /// Does what `finish()` does; blocks.
    func finishNow() throws(DownloadSinkError) -> StagedVideo {
        try state.withLock { state throws(DownloadSinkError) in
            if let failure = state.failure {
                throw failure
            }
            let verdict = try PublishingContext.sink { () throws(SystemCallError) in
                try flush(&state)
                return ContentCheck.verdict(
                    prefix: try open(state).prefix(ContentCheck.prefixLength),
                    length: state.length,
                    totalBytes: state.record.totalBytes,
                    contentType: state.record.contentType
                )
            }
            if verdict == .video(fileExtension: "mp4"), state.endIsUncertain {
                try checkEnd(&state)
            }
            switch verdict {
            case .video(let fileExtension):
                try PublishingContext.sink { () throws(SystemCallError) in try moveToStaged(&state) }
                return StagedVideo(
                    bytes: state.length,
                    sha256: state.hash.hexadecimal,
                    fileExtension: fileExtension
                )
            case .rejected(let reason):
                let place = try PublishingContext.sink { () throws(SystemCallError) in
                    let file = try open(state)
                    try context.before(.syncPart)
                    try file.sync()
                    file.close()
                    state.file = nil
                    return try Quarantine.move(names.part, of: key, in: staging, context: context)
                }
                throw Quarantine.rejection(reason, place: place)
            }
        }
    }

    /// Only the file itself can tell whether the end of the connection was the end of the video.
    ///
    /// - Throws: `DownloadSinkError.interrupted` where the end is missing. A file that ends at the same byte twice in
    ///   a row is what the server has: it is taken.
    private func checkEnd(_ state: inout State) throws(DownloadSinkError) {
        let lack = try PublishingContext.sink { () throws(SystemCallError) in
            try MediaLength.lack(of: try open(state), length: state.length)
        }
        guard let lack, !context.cutOffs.isRepeated(key, length: state.length) else {
            return context.cutOffs.forget(key)
        }
        try PublishingContext.sink { () throws(SystemCallError) in
            guard state.record.validator != nil else { return try forget(&state) }
            // A server that knows the file goes on from here.
            try sync(try open(state), &state)
            state.record.syncedBytes = state.length
            try context.before(.writeRecord)
            try state.record.write(names.record, in: staging)
        }
        throw .interrupted(
            JobFault(
                .providerError,
                "the download of \(key.name) ended before the video does: \(lack)",
                charged: .yes,
                retryable: true,
                hint: "it is gone on with, or begun anew"
            )
        )
    }

    private func moveToStaged(_ state: inout State) throws(SystemCallError) {
        let file = try open(state)
        try context.before(.syncPart)
        try sync(file, &state)
        // Closed before any rename: a descriptor for writing that is closed later would be an event in the
        // watched directory.
        file.close()
        state.file = nil
        // A note about an earlier copy of this video does not hold for this one.
        try staging.remove(names.marker)
        try context.before(.movePart)
        try staging.rename(names.part, into: staging, as: names.video)
        try context.before(.syncStaged)
        try staging.sync()
        try context.before(.removeRecord)
        try staging.remove(names.record)
    }

    /// Syncs what has come, or gives it up.
    ///
    /// After a failed fsync(2) the kernel takes the pages for clean: the next one would succeed without them.
    private func sync(_ file: Descriptor, _ state: inout State) throws(SystemCallError) {
        do throws(SystemCallError) {
            try file.sync()
        } catch {
            // A disk that takes neither: the first error is the one to tell.
            try? forget(&state)
            throw error
        }
    }

    func suspend() async {
        await context.worker.run { self.suspendNow() }
    }

    private func suspendNow() {
        state.withLock { state in
            guard let file = state.file else { return }
            defer {
                file.close()
                state.file = nil
            }
            do throws(SystemCallError) {
                if state.failure == nil {
                    try flush(&state)
                }
                try sync(file, &state)
                state.record.syncedBytes = Int64(try file.status().st_size)
                guard state.record.validator != nil || state.record.totalBytes != nil else { return }
                try context.before(.writeRecord)
                try state.record.write(names.record, in: staging)
            } catch {
                // What could not be kept is fetched again; there is nothing else to be done about it.
                context.logger.debug(
                    "could not keep a broken download",
                    metadata: ["job.id": "\(key.job)", "error": "\(error.message)"]
                )
            }
        }
    }
}

extension StagingRecord {
    /// The record of a file without bytes.
    static var fresh: StagingRecord {
        StagingRecord(
            validator: nil,
            totalBytes: nil,
            contentType: nil,
            syncedBytes: 0,
            boot: currentBoot
        )
    }
}
