public import JobCore

/// The paid remote API, as the engine sees it.
///
/// No method throws: what went wrong is part of the outcome, because for a paid request the difference between
/// "not sent" and "maybe taken" is the whole point. Every method returns when its task is cancelled.
public protocol VideoProvider: Sendable {
    /// Sends one paid request, once, on a fresh connection, following no redirect.
    ///
    /// - Parameter request: What to send.
    /// - Returns: Whether it was taken, refused, or nobody knows.
    func submit(_ request: SubmissionRequest) async -> SubmissionOutcome

    /// Asks for the state of a run.
    ///
    /// - Parameter run: The run.
    /// - Returns: The provider's word.
    func status(of run: RunReference) async -> StatusOutcome

    /// Lists recent runs.
    ///
    /// - Parameters:
    ///   - uuid: Only the run submitted with this UUID, or all.
    ///   - limit: How many, 1 to 50.
    /// - Returns: The list, newest first.
    func recentRuns(uuid: AttemptUUID?, limit: Int) async -> LookOutcome

    /// Asks for the account's balances.
    func balance() async -> BalanceOutcome

    /// Streams one video into a sink; redirects are followed by our own code, the key stays at the API's origin.
    ///
    /// - Parameters:
    ///   - url: Where the provider offers it, absolute or relative to the API's origin.
    ///   - sink: Takes the bytes; says how much it has already.
    /// - Returns: How it ended.
    func download(_ url: String, into sink: any DownloadSink) async -> DownloadOutcome
}

/// One paid request.
public struct SubmissionRequest: Sendable {
    /// Which paid call it is.
    public let operation: JobRequest.Operation
    /// Goes out as `conversationUUID`.
    public let uuid: AttemptUUID
    /// The JSON object to be sent, without `conversationUUID`.
    public let body: [UInt8]

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - operation: Which paid call it is.
    ///   - uuid: Goes out as `conversationUUID`.
    ///   - body: The JSON object to be sent.
    public init(operation: JobRequest.Operation = .generate, uuid: AttemptUUID, body: [UInt8]) {
        self.operation = operation
        self.uuid = uuid
        self.body = body
    }
}

/// A run at the provider.
public struct RunReference: Hashable, Sendable {
    /// The provider's name for it.
    public let runID: String
    /// The model, which the legacy endpoint wants to know.
    public let model: String

    /// Names a run.
    ///
    /// - Parameters:
    ///   - runID: The provider's name for it.
    ///   - model: The model.
    public init(runID: String, model: String) {
        self.runID = runID
        self.model = model
    }
}

/// Takes the bytes of a download.
///
/// Called from one task at a time, never concurrently.
public protocol DownloadSink: Sendable {
    /// How many bytes are there from an earlier try, and the validator (`ETag` or `Last-Modified`) they came with.
    var resumePoint: DownloadResumePoint? { get }

    /// The answer's head has come.
    ///
    /// - Parameter head: What it says.
    /// - Throws: `DownloadSinkError` when the download must not go on.
    func begin(_ head: DownloadHead) throws(DownloadSinkError)

    /// Some bytes have come.
    ///
    /// - Parameter bytes: The bytes, valid during the call.
    /// - Throws: `DownloadSinkError` when they cannot be kept.
    func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadSinkError)
}

/// From where a broken download can go on.
public struct DownloadResumePoint: Hashable, Sendable {
    /// Bytes that are there.
    public let offset: Int64
    /// A strong `ETag` or a `Last-Modified`, verbatim, for `If-Range`.
    public let validator: String

    /// Makes a resume point.
    ///
    /// - Parameters:
    ///   - offset: Bytes that are there.
    ///   - validator: For `If-Range`.
    public init(offset: Int64, validator: String) {
        self.offset = offset
        self.validator = validator
    }
}

/// The head of a download's answer.
public struct DownloadHead: Hashable, Sendable {
    /// Where in the file the body starts: 0, or the resume point's offset (206).
    public let offset: Int64
    /// The size of the whole file, where the answer tells.
    public let totalBytes: Int64?
    /// `Content-Type`, lower case, without parameters.
    public let contentType: String?
    /// A strong `ETag` or a `Last-Modified`, verbatim.
    public let validator: String?
    /// Whether nothing tells where the file ends but the end of the connection, or of a part of unknown length.
    public let endIsUncertain: Bool

    /// Makes a head.
    ///
    /// - Parameters:
    ///   - offset: Where in the file the body starts.
    ///   - totalBytes: The size of the whole file.
    ///   - contentType: The media type.
    ///   - validator: For a later `If-Range`.
    ///   - endIsUncertain: Whether nothing tells where the file ends.
    public init(
        offset: Int64,
        totalBytes: Int64?,
        contentType: String?,
        validator: String?,
        endIsUncertain: Bool = false
    ) {
        self.offset = offset
        self.totalBytes = totalBytes
        self.contentType = contentType
        self.validator = validator
        self.endIsUncertain = endIsUncertain
    }
}

/// Why a sink takes no more.
public enum DownloadSinkError: Error, Hashable, Sendable {
    /// What comes does not go on with what is there; the next try begins anew.
    case interrupted(JobFault)
    /// What comes is no video, or too large.
    case rejected(JobFault)
    /// The disk does not take it.
    case outputUnavailable(JobFault)
}

/// How a download ended.
public enum DownloadOutcome: Hashable, Sendable {
    /// The body ended as announced.
    case finished
    /// It broke off, stalled, or the server failed for now.
    case interrupted(JobFault)
    /// 401 (at the CDN), 403, 404, 410: the URL is not valid any more.
    case expired(JobFault)
    /// Not to be fetched at all: forbidden address, too many redirects, no http URL.
    case refused(JobFault)
    /// The sink refused.
    case sink(DownloadSinkError)
    /// The task was cancelled.
    case stopped
}
