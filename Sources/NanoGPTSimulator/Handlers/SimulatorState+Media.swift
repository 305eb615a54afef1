import HTTPTypes
import NIOCore

extension SimulatorState {
    /// Answers a request to the media server.
    ///
    /// A key is refused there, so that a client that sends it on to another origin cannot pass unseen.
    mutating func media(_ request: APIRequest, at now: Int64) -> Reply {
        if let active = outages.first(where: { $0.outage.routes.contains(.media) && $0.endsAt ?? .max > now })
        {
            if active.outage.mode == .reset { return .reset }
            return .xml(.serviceUnavailable, code: "SlowDown", message: "Please reduce your request rate.")
        }
        if request.apiKey != nil {
            tally.mediaRequestsWithKey += 1
            return .xml(.badRequest, code: "InvalidArgument", message: "Only one auth mechanism allowed")
        }
        guard request.method == .get || request.method == .head else {
            return .xml(.methodNotAllowed, code: "MethodNotAllowed", message: "The method is not allowed.")
        }
        guard let (runID, index) = Self.video(of: request.path), var job = jobs[runID],
            job.phase(at: now) == .completed, index < job.videoCount
        else {
            return .xml(.notFound, code: "NoSuchKey", message: "The specified key does not exist.")
        }
        defer { jobs[runID] = job }
        let expiry = request.query["expires"].flatMap { Int64($0) } ?? 0
        guard request.query["X-Amz-Signature"] == signature(of: request.path, expiry: expiry) else {
            return .xml(.forbidden, code: "SignatureDoesNotMatch", message: "The signature does not match.")
        }
        guard now < expiry else {
            return .xml(.forbidden, code: "AccessDenied", message: "Request has expired")
        }
        if job.behaviours.contains(.mediaRedirect), request.path.hasPrefix("/videos/") {
            let path = "/moved" + request.path.dropFirst("/videos".count)
            return Reply(status: .found).with(
                .location,
                "\(mediaURL)\(path)?\(query(for: path, expiry: expiry))"
            )
        }
        if let fault = Self.fault(of: &job, video: index) { return fault }
        return download(of: &job, video: index, request)
    }

    /// The run and the index that a path names.
    private static func video(of path: String) -> (runID: String, index: Int)? {
        guard path.hasPrefix("/videos/") || path.hasPrefix("/moved/"), let slash = path.lastIndex(of: "/"),
            let dot = path.lastIndex(of: "."), let dash = path.lastIndex(of: "-"), slash < dash, dash < dot,
            let index = Int(path[path.index(after: dash)..<dot]), index >= 0
        else { return nil }
        return (String(path[path.index(after: slash)..<dash]), index)
    }

    private static func fault(of job: inout SimulatedJob, video: Int) -> Reply? {
        if job.takes(.gone, default: 1, video: video) {
            return .xml(.notFound, code: "NoSuchKey", message: "The specified key does not exist.")
        }
        if job.takes(.media500First, default: 1, video: video) {
            return .xml(
                .internalServerError,
                code: "InternalError",
                message: "We encountered an internal error."
            )
        }
        if job.takes(.media429First, default: 1, video: video) {
            return Reply.xml(.tooManyRequests, code: "SlowDown", message: "Please reduce your request rate.")
                .with(.retryAfter, "1")
        }
        if job.takes(.resetMedia, default: 1, video: video) { return .reset }
        if job.behaviours.contains(.htmlVideo) { return .html(.ok, title: "Sign in") }
        if job.behaviours.contains(.jsonVideo) { return .json(["error": "File is no longer available"]) }
        return nil
    }

    private func download(of job: inout SimulatedJob, video: Int, _ request: APIRequest) -> Reply {
        let file = Self.file(of: job, video)
        let tag = entityTag(of: &job, video, size: file.size)
        let modified = CalendarText.http(job.endsAt)
        var fields = HTTPFields()
        fields[.contentType] = contentType(of: job)
        let hasRange = !job.behaviours.contains(.noRange)
        if hasRange { fields[.acceptRanges] = "bytes" }
        if !job.behaviours.contains(.noValidator) {
            fields[.eTag] = tag
            fields[.lastModified] = modified
        }
        var range = 0..<file.size
        var status = HTTPResponse.Status.ok
        let isSame = request.ifRange.map { $0 == tag || $0 == modified } ?? true
        if hasRange, isSame, let text = request.range, let wanted = ByteRange(text) {
            guard let part = wanted.resolved(size: file.size) else {
                fields[.contentRange] = "bytes */\(file.size)"
                return Reply(status: .rangeNotSatisfiable, fields: fields)
            }
            range = part
            status = .partialContent
            fields[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
        }
        let transfer = VideoTransfer(
            file: file,
            range: range,
            course: request.method == .head
                ? .whole(bytesPerSecond: 0) : course(of: &job, video, range.count),
            hasLength: !job.behaviours.contains(.noLength)
        )
        return Reply(status: status, fields: fields, body: .video(transfer))
    }

    private static func file(of job: SimulatedJob, _ video: Int) -> VideoFile {
        if job.behaviours.contains(.emptyVideo) { return VideoFile(ByteBuffer()) }
        if job.behaviours.contains(.garbageVideo) {
            return VideoFile(ByteBuffer(repeating: 0x5A, count: 4096))
        }
        return job.video(video)
    }

    private func entityTag(of job: inout SimulatedJob, _ video: Int, size: Int) -> String {
        guard job.behaviours.contains(.changingFile) else { return "\"\(job.runID)-\(video)-\(size)\"" }
        job.usedByVideo[video, default: [:]][.changingFile, default: 0] += 1
        return "\"\(job.runID)-\(video)-\(job.usedByVideo[video]?[.changingFile] ?? 0)\""
    }

    private func contentType(of job: SimulatedJob) -> String? {
        if job.behaviours.contains(.noType) { return nil }
        if job.behaviours.contains(.wrongType) { return "text/plain" }
        return job.behaviours.contains(.webm) ? "video/webm" : "video/mp4"
    }

    private func course(of job: inout SimulatedJob, _ video: Int, _ count: Int) -> VideoTransfer.Course {
        if job.behaviours.contains(.truncatedAlways) { return .cut(after: count / 2) }
        if job.takes(.truncated, default: 1, video: video) { return .cut(after: count / 2) }
        if job.takes(.stalled, default: 1, video: video) { return .stall(after: count / 2) }
        let trickle = job.behaviours.number(.trickle, default: 2048).map { Int($0) }
        return .whole(bytesPerSecond: trickle ?? settings.mediaBytesPerSecond)
    }
}
