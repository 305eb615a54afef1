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
        endsWithConnection: Bool = true
    ) async throws -> StagedVideo {
        let file = try await publisher.openStaging(try Sample.key())
        try file.begin(
            DownloadHead(
                offset: 0,
                totalBytes: nil,
                contentType: "video/mp4",
                validator: "\"a\"",
                endsWithConnection: endsWithConnection
            )
        )
        try Array(bytes).withUnsafeBytes { (buffer) throws in try file.write(buffer) }
        do throws(DownloadSinkError) {
            return try await file.finish()
        } catch {
            await file.suspend()
            throw error
        }
    }

    @Test("a file that lacks its end is fetched anew; the whole one is published")
    func fetchedAnew() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for length in [2000, 3000, 2000] {
                do throws(any Error) {
                    _ = try await fetch(Self.video.prefix(length), publisher)
                    Issue.record("\(length) bytes were taken for the whole video")
                } catch DownloadSinkError.interrupted(let fault) {
                    #expect(fault.charged == .yes)
                    #expect(fault.message.contains("ended \(5032 - length) bytes before the video does"))
                }
                // Nothing of the cut file is gone on with.
                #expect(try await publisher.openStaging(try Sample.key()).resumePoint == nil)
            }
            #expect(try await fetch(Self.video, publisher).sha256 == SampleVideo.sha256(Self.video))
        }
    }

    @Test("a file that ends there every time is what the server has")
    func isTheFile() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            for length in [2000, 3000] {
                let cut = Array(Self.video.prefix(length))
                await #expect(throws: DownloadSinkError.self) { () async throws in
                    _ = try await fetch(cut, publisher)
                }
                let video = try await fetch(cut, publisher)
                #expect(video.sha256 == SampleVideo.sha256(cut))
            }
        }
    }

    @Test(
        "what the boxes do not tell is taken as it is",
        arguments: [
            video, video + [0, 0, 1], box("ftyp", 16) + [0, 0, 0, 0] + Array("mdat".utf8) + [1, 2, 3],
            box("ftyp", 16) + [0, 0, 0, 1] + Array("mdat".utf8) + [0, 0, 0, 0, 0, 0, 0, 20] + [1, 2, 3, 4],
            box("ftyp", 16) + [0, 0, 0, 5] + Array("mdat".utf8), box("ftyp", 16),
        ]
    )
    func whole(_ bytes: [UInt8]) async throws {
        try await PublishingPlace.with { place in
            let video = try await fetch(bytes, place.publisher())
            #expect(video.bytes == Int64(bytes.count))
        }
    }

    @Test("a box of 64 bits that lacks its end is noticed; chunks are believed")
    func largeBox() async throws {
        try await PublishingPlace.with { place in
            let publisher = place.publisher()
            let bytes =
                Self.box("ftyp", 16) + [0, 0, 0, 1] + Array("mdat".utf8) + [0, 0, 0, 1, 0, 0, 0, 0] + [
                    1, 2, 3,
                ]
            await #expect(throws: DownloadSinkError.self) { () async throws in
                _ = try await fetch(bytes, publisher)
            }
            let video = try await fetch(bytes, publisher, endsWithConnection: false)
            #expect(video.bytes == Int64(bytes.count))
        }
    }
}
