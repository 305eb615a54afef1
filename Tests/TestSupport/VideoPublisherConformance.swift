public import JobCore
public import JobEngine
import Testing

/// What every `VideoPublisher` does; run on the fake and on the real one.
///
/// - Parameters:
///   - publisher: A publisher with nothing staged and nothing published.
///   - job: The job to publish for.
///   - placeForeignFile: Puts somebody else's file of that name into the output directory.
///   - takeFile: Removes a file of that name from the output directory.
/// - Throws: What a check throws.
public func videoPublisherConformance(
    _ publisher: any VideoPublisher,
    job: JobID,
    placeForeignFile: (String) throws -> Void,
    takeFile: (String) throws -> Void
) async throws {
    let key = StagingKey(job: job, attempt: 0, item: 0)
    let bytes = SampleVideo.mp4(length: 3000)
    #expect(await publisher.condition().fault == nil)
    #expect(try await publisher.completeStaging(key) == nil)

    // A download that breaks off goes on where it stopped.
    let first = try await publisher.openStaging(key)
    #expect(first.resumePoint == nil)
    try first.begin(DownloadHead(offset: 0, totalBytes: 3000, contentType: "video/mp4", validator: "\"a\""))
    try bytes[..<1000].withUnsafeBytes { (part) throws in try first.write(part) }
    await first.suspend()
    let second = try await publisher.openStaging(key)
    #expect(second.resumePoint == DownloadResumePoint(offset: 1000, validator: "\"a\""))
    try second.begin(
        DownloadHead(offset: 1000, totalBytes: 3000, contentType: "video/mp4", validator: "\"a\"")
    )
    try bytes[1000...].withUnsafeBytes { (part) throws in try second.write(part) }
    let video = try await second.finish()
    #expect(video == StagedVideo(bytes: 3000, sha256: SampleVideo.sha256(bytes), fileExtension: "mp4"))
    #expect(try await publisher.completeStaging(key) == video)

    // A name that is taken is left alone, the next one is used, and a repetition says the same again.
    try placeForeignFile("film.mp4")
    func plan(_ name: String) -> PublicationPlan {
        PublicationPlan(key: key, video: video, name: name, receipt: Array("{\"job_id\":\"\(job)\"}".utf8))
    }
    #expect(await publisher.publish(plan("film")) == .nameTaken)
    let outcome = await publisher.publish(plan("film-2"))
    guard case .published(let output) = outcome else {
        Issue.record("not published: \(outcome)")
        return
    }
    #expect(output.file.hasSuffix("/film-2.mp4"))
    #expect(output.receipt.hasSuffix("/film-2.json"))
    #expect(output.sha256 == video.sha256)
    #expect(output.bytes == 3000)
    #expect(await publisher.publish(plan("film-2")) == outcome)
    #expect(try await publisher.completeStaging(key) == nil)

    // A consumer who was quick does not make it published twice.
    try takeFile("film-2.mp4")
    try takeFile("film-2.json")
    #expect(await publisher.publish(plan("film-2")) == outcome)
    await publisher.removeStaging(of: job)
    #expect(await publisher.publish(plan("film-2")) == .stagedFileMissing)

    // What is no video never comes to the output directory.
    let other = StagingKey(job: job, attempt: 0, item: 1)
    let third = try await publisher.openStaging(other)
    try third.begin(DownloadHead(offset: 0, totalBytes: nil, contentType: nil, validator: nil))
    try Array("{\"error\":\"no\"}".utf8).withUnsafeBytes { (part) throws in try third.write(part) }
    do {
        _ = try await third.finish()
        Issue.record("JSON was taken for a video")
    } catch {
        guard case .rejected(let fault) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(fault.kind == .outputRejected)
    }

    // Files of jobs that are over go away.
    let fourth = try await publisher.openStaging(other)
    try fourth.begin(DownloadHead(offset: 0, totalBytes: 3000, contentType: nil, validator: "\"b\""))
    try bytes[..<10].withUnsafeBytes { (part) throws in try fourth.write(part) }
    await fourth.suspend()
    await publisher.removeStaging(except: [job])
    #expect(try await publisher.openStaging(other).resumePoint?.offset == 10)
    await publisher.removeStaging(except: [])
    #expect(try await publisher.openStaging(other).resumePoint == nil)
}
