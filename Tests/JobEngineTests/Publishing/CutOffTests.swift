import JobCore
import TestSupport
import Testing

@testable import JobEngine

/// Downloads whose length nobody named end where the connection does.
@Suite struct CutOffTests {
    /// A box of ISO media: size, type, content.
    private static func box(_ type: String, _ count: Int) -> [UInt8] {
        let size = UInt32(8 + count)
        return (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + Array(type.utf8)
            + [UInt8](repeating: 7, count: count)
    }

    private static let video = box("ftyp", 16) + box("mdat", 5000) + box("moov", 300)

    private func fetch(
        _ bytes: some Collection<UInt8>,
        _ publisher: FilePublisher,
        from offset: Int64 = 0,
        validator: String? = nil,
        endIsUncertain: Bool = true
    ) async throws -> StagedVideo {
        let file = try await publisher.openStaging(try Sample.key())
        try file.begin(
            DownloadHead(
                offset: offset,
                totalBytes: nil,
                contentType: "video/mp4",
                validator: validator,
                endIsUncertain: endIsUncertain
            )
        )
        try Array(bytes).withUnsafeBytes { (buffer) throws in try file.write(buffer) }
        return try await file.finish()
    }

    private func expectCut(_ lack: String, _ body: () async throws -> StagedVideo) async {
        do {
            let video = try await body()
            Issue.record("\(video.bytes) bytes were taken for the whole video")
        } catch DownloadSinkError.interrupted(let fault) {
            #expect(fault.charged == .yes)
            #expect(fault.message.hasSuffix("ended before the video does: \(lack)"), "\(fault.message)")
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("a file that lacks its end is fetched anew; the whole one is published")
    func fetchedAnew() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for length in [2000, 3000, 2000] {
                await expectCut("its last box lacks \(5032 - length) bytes") {
                    try await fetch(Self.video.prefix(length), publisher)
                }
                // Nobody could tell whether another answer goes on with the same file.
                let point = try await publisher.openStaging(try Sample.key()).resumePoint
                #expect(point == nil)
            }
            let video = try await fetch(Self.video, publisher)
            #expect(video.sha256 == SampleVideo.sha256(Self.video))
        }
    }

    @Test("what has come of a file that can be told from others is gone on with, cut after cut")
    func goneOnWith() async throws {
        try await PublishingPlace.with { place in
            let cuts = [0, 2000, 3500, Self.video.count]
            for (number, from) in cuts.dropLast().enumerated() {
                // Each time in another process.
                let publisher = place.publisher()
                if number > 0 {
                    let point = try await publisher.openStaging(try Sample.key()).resumePoint
                    #expect(point == DownloadResumePoint(offset: Int64(from), validator: "\"a\""))
                }
                let part = Self.video[from..<cuts[number + 1]]
                if cuts[number + 1] < Self.video.count {
                    await expectCut("its last box lacks \(5032 - cuts[number + 1]) bytes") {
                        try await fetch(part, publisher, from: Int64(from), validator: "\"a\"")
                    }
                } else {
                    let video = try await fetch(part, publisher, from: Int64(from), validator: "\"a\"")
                    #expect(video.sha256 == SampleVideo.sha256(Self.video))
                }
            }
        }
    }

    @Test("a file that ends there every time is what the server has", arguments: [nil, "\"a\""])
    func isTheFile(_ validator: String?) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for length in [2000, 3000] {
                let cut = Array(Self.video.prefix(length))
                await expectCut("its last box lacks \(5032 - length) bytes") {
                    try await fetch(cut, publisher, validator: validator)
                }
                let video = try await fetch(cut, publisher, validator: validator)
                #expect(video.sha256 == SampleVideo.sha256(cut))
            }
        }
    }

    private static let head = box("ftyp", 16)
    private static let headAndIndex: [UInt8] = head + box("moov", 9)
    /// A header that says 64 bits.
    private static let wide: [UInt8] = [0, 0, 0, 1] + Array("mdat".utf8)
    /// A header that says up to the end.
    private static let open: [UInt8] = [0, 0, 0, 0] + Array("mdat".utf8)
    private static let impossible: [UInt8] = [0, 0, 0, 5] + Array("mdat".utf8)
    private static let wideLength: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 20, 1, 2, 3, 4]

    private static let wholes: [[UInt8]] = [
        video, video + [0, 0, 1], head + impossible, headAndIndex + open, headAndIndex + wide + wideLength,
    ]

    @Test("what the boxes do not tell is taken as it is", arguments: wholes)
    func whole(_ bytes: [UInt8]) async throws {
        try await PublishingPlace.with { place in
            let video = try await fetch(bytes, place.publisher())
            #expect(video.bytes == Int64(bytes.count))
        }
    }

    private static let cuts: [([UInt8], String)] = [
        (head + wide + [0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3], "its last box lacks 4294967277 bytes"),
        (head + wide + [0, 0], "its last box has half a header"), (head, "it has no index"),
        (head + box("mdat", 50) + [0, 0, 1], "it has no index"), (head + open, "it has no index"),
    ]

    @Test("cuts at other places are noticed; where the end is certain it is believed", arguments: cuts)
    func otherCuts(_ bytes: [UInt8], _ lack: String) async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            await expectCut(lack) { try await fetch(bytes, publisher) }
            let video = try await fetch(bytes, publisher, endIsUncertain: false)
            #expect(video.bytes == Int64(bytes.count))
        }
    }
}
