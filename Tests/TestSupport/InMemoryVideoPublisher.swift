import Crypto
public import JobCore
public import JobEngine
import Synchronization

/// A publisher without a disk: staging and output are dictionaries, and it can be told to be in trouble.
public final class InMemoryVideoPublisher: VideoPublisher {
    /// A file in the output directory.
    public struct PublishedFile: Hashable, Sendable {
        /// The name relative to the output directory, with extension.
        public let name: String
        /// The content.
        public let bytes: [UInt8]
    }

    fileprivate struct Staged {
        var bytes: [UInt8] = []
        var validator: String?
        var totalBytes: Int64?
        var video: StagedVideo?
        var isMoved = false
    }

    fileprivate struct State {
        var staging: [StagingKey: Staged] = [:]
        var output: [PublishedFile] = []
        var quarantine: [[UInt8]] = []
        var condition: OutputCondition
        var quotaFault: JobFault?
    }

    fileprivate let state: Mutex<State>
    private let root: String

    /// Makes an empty publisher whose output directory is fine.
    ///
    /// - Parameters:
    ///   - root: The path that published files seem to have.
    ///   - freeBytes: How much space there seems to be.
    public init(root: String = "/videos", freeBytes: Int64 = 1 << 40) {
        self.root = root
        state = Mutex(State(condition: OutputCondition(freeBytes: freeBytes, fault: nil)))
    }

    /// How the output directory is; with a fault, nothing can be staged or published.
    ///
    /// - Parameter fault: For example `output.no_space`; nil when all is well.
    public func setFault(_ fault: JobFault?) {
        state.withLock { $0.condition.fault = fault }
    }

    /// What the disk says although the output directory looks well; nothing can be staged or published.
    ///
    /// - Parameter fault: For example `output.no_space`; nil when all is well.
    public func setQuotaFault(_ fault: JobFault?) {
        state.withLock { $0.quotaFault = fault }
    }

    /// Puts somebody else's file into the output directory.
    ///
    /// - Parameters:
    ///   - name: The name relative to the output directory, with extension.
    ///   - bytes: The content.
    public func place(_ name: String, bytes: [UInt8] = []) {
        state.withLock { $0.output.append(PublishedFile(name: name, bytes: bytes)) }
    }

    /// Removes a file from the output directory, as a consumer does who moves it away.
    ///
    /// - Parameter name: The name relative to the output directory, with extension.
    public func take(_ name: String) {
        state.withLock { state in state.output.removeAll { $0.name == name } }
    }

    /// What lies in the output directory, in the order in which it came.
    public var published: [PublishedFile] {
        state.withLock { $0.output }
    }

    /// What failed the check.
    public var quarantined: [[UInt8]] {
        state.withLock { $0.quarantine }
    }

    /// Which videos have something in the staging directory.
    public var stagedKeys: Set<StagingKey> {
        state.withLock { Set($0.staging.keys) }
    }

    /// Opens a staging file.
    public func openStaging(_ key: StagingKey) async throws(DownloadSinkError) -> any StagingFile {
        try check()
        state.withLock { state in
            if state.staging[key] == nil || state.staging[key]?.validator == nil {
                state.staging[key] = Staged()
            }
        }
        return InMemoryStagingFile(key: key, publisher: self)
    }

    /// Describes a video that is staged completely.
    public func completeStaging(_ key: StagingKey) async throws(DownloadSinkError) -> StagedVideo? {
        try check()
        return state.withLock { $0.staging[key]?.video }
    }

    /// Publishes a staged video.
    public func publish(_ plan: PublicationPlan) async -> PublishOutcome {
        do throws(DownloadSinkError) {
            try check()
        } catch {
            guard case .outputUnavailable(let fault) = error else { return .stagedFileMissing }
            return .outputUnavailable(fault)
        }
        let videoName = "\(plan.name).\(plan.video.fileExtension)"
        let receiptName = "\(plan.name).json"
        return state.withLock { state in
            guard var staged = state.staging[plan.key], staged.isMoved || staged.video == plan.video else {
                return .stagedFileMissing
            }
            if !staged.isMoved {
                guard !state.output.contains(where: { $0.name == videoName || $0.name == receiptName }) else {
                    return .nameTaken
                }
                state.output.append(PublishedFile(name: receiptName, bytes: plan.receipt))
                state.output.append(PublishedFile(name: videoName, bytes: staged.bytes))
                staged.isMoved = true
                staged.video = nil
                staged.bytes = []
                state.staging[plan.key] = staged
            }
            return .published(
                JobOutput(
                    file: "\(root)/\(videoName)",
                    bytes: plan.video.bytes,
                    sha256: plan.video.sha256,
                    receipt: "\(root)/\(receiptName)"
                )
            )
        }
    }

    /// Forgets what is staged for a job.
    public func removeStaging(of job: JobID) async {
        state.withLock { state in state.staging = state.staging.filter { $0.key.job != job } }
    }

    /// Forgets what is staged for other jobs.
    public func removeStaging(except live: Set<JobID>) async {
        state.withLock { state in state.staging = state.staging.filter { live.contains($0.key.job) } }
    }

    /// How the output directory was said to be.
    public func condition() async -> OutputCondition {
        state.withLock { $0.condition }
    }

    fileprivate func check() throws(DownloadSinkError) {
        guard let fault = state.withLock({ $0.condition.fault ?? $0.quotaFault }) else { return }
        throw .outputUnavailable(fault)
    }
}

private final class InMemoryStagingFile: StagingFile {
    private let key: StagingKey
    private let publisher: InMemoryVideoPublisher

    init(key: StagingKey, publisher: InMemoryVideoPublisher) {
        self.key = key
        self.publisher = publisher
    }

    private func change<Value: Sendable>(
        _ body: (inout InMemoryVideoPublisher.Staged) -> Value
    ) -> Value {
        publisher.state.withLock { state in body(&state.staging[key, default: .init()]) }
    }

    var resumePoint: DownloadResumePoint? {
        change { staged in
            guard let validator = staged.validator, !staged.bytes.isEmpty else { return nil }
            return DownloadResumePoint(offset: Int64(staged.bytes.count), validator: validator)
        }
    }

    func begin(_ head: DownloadHead) throws(DownloadSinkError) {
        try publisher.check()
        change { staged in
            if head.offset == 0 {
                staged.bytes = []
            }
            staged.validator = head.validator ?? staged.validator
            staged.totalBytes = head.totalBytes ?? staged.totalBytes
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadSinkError) {
        try publisher.check()
        let copy = Array(bytes)
        change { $0.bytes += copy }
    }

    func finish() async throws(DownloadSinkError) -> StagedVideo {
        try publisher.check()
        let video: StagedVideo? = change { staged in
            let isWhole = staged.totalBytes == nil || staged.totalBytes == Int64(staged.bytes.count)
            guard isWhole, let fileExtension = Self.fileExtension(of: staged.bytes) else { return nil }
            let digest = SHA256.hash(data: staged.bytes)
            let text = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            staged.video = StagedVideo(
                bytes: Int64(staged.bytes.count),
                sha256: text,
                fileExtension: fileExtension
            )
            return staged.video
        }
        guard let video else {
            let key = key
            publisher.state.withLock { state in
                state.quarantine.append(state.staging.removeValue(forKey: key)?.bytes ?? [])
            }
            throw .rejected(
                JobFault(.outputRejected, "the download is no video; it is in quarantine", charged: .yes)
            )
        }
        return video
    }

    func suspend() async {}

    private static func fileExtension(of bytes: [UInt8]) -> String? {
        if bytes.count >= 8, bytes[4..<8].elementsEqual("ftyp".utf8) {
            return "mp4"
        }
        return bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) ? "webm" : nil
    }
}
