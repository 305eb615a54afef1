import NIOCore
import Testing

@testable import NanoGPTSimulator

@Suite struct MediaTests {
    @Test func servesAFilmThatNamesItsRun() async throws {
        try await withClient { client async throws in
            let first = try await client.download(client.finishedURL("one"))
            let second = try await client.download(client.finishedURL("two"))
            #expect(first.status == 200 && first.headers["content-type"] == "video/mp4")
            #expect(String(decoding: first.bytes[4..<8], as: UTF8.self) == "ftyp")
            #expect(first.bytes != second.bytes && first.bytes.count == second.bytes.count)
            let runID = try #require(client.simulator.jobs.first?.runID)
            let trailer = String(decoding: first.bytes.suffix(VideoFile.trailerSize - 8), as: UTF8.self)
            #expect(trailer.hasPrefix("nanogpt-simulator run=\(runID) index=0 "))
        }
    }

    @Test func servesRanges() async throws {
        try await withClient { client async throws in
            let url = try await client.finishedURL("[[simulate: video-bytes=2000000]]")
            let whole = try await client.download(url)
            #expect(whole.bytes.count == 2_000_000)
            let tag = try #require(whole.headers["etag"])
            for (range, bytes) in [
                ("bytes=0-9", whole.bytes[0..<10]), ("bytes=5000-1200000", whole.bytes[5000...1_200_000]),
                ("bytes=1999990-", whole.bytes[1_999_990...]), ("bytes=-100", whole.bytes.suffix(100)),
            ] {
                let part = try await client.download(url, headers: ["Range": range, "If-Range": tag])
                #expect(part.status == 206)
                #expect(part.bytes == Array(bytes))
            }
            let other = try await client.download(
                url,
                headers: ["Range": "bytes=5-9", "If-Range": "\"other\""]
            )
            #expect(other.status == 200)
            #expect(try await client.download(url, headers: ["Range": "bytes=9999999-"]).status == 416)
            let head = try await client.send(.head, url, key: nil)
            #expect(head.headers["content-length"] == "2000000" && head.bytes.isEmpty)
        }
    }

    @Test func aBrokenDownloadGoesOn() async throws {
        try await withClient { client async throws in
            let url = try await client.finishedURL("[[simulate: truncated]]")
            await #expect(throws: (any Error).self) { try await client.download(url) }
            let rest = try await client.download(url, headers: ["Range": "bytes=100-"])
            #expect(rest.status == 206)
            #expect(try await client.download(url).bytes.dropFirst(100) == rest.bytes[...])
        }
    }

    @Test func anExpiredURLIsReplaced() async throws {
        try await withClient { client async throws in
            let runID = try await client.run("[[simulate: expired]]")
            client.advance(.seconds(5))
            let old = try await client.download(client.url(of: runID))
            #expect(old.status == 403 && old.text.contains("<Code>AccessDenied</Code>"))
            #expect(try await client.download(client.url(of: runID)).status == 200)
        }
    }

    @Test func urlsDoNotWorkForEver() async throws {
        try await withClient { client async throws in
            let url = try await client.finishedURL("a cat")
            client.advance(.seconds(3601))
            #expect(try await client.download(url).status == 403)
            #expect(try await client.download(url + "0").status == 403)
        }
    }

    @Test func aKeyOnTheMediaServerIsSeen() async throws {
        try await withClient { client async throws in
            let url = try await client.finishedURL("a cat")
            #expect(try await client.download(url).status == 200)
            #expect(client.simulator.requests.mediaRequestsWithKey == 0)
            #expect(try await client.send(.get, url, key: "key").status == 400)
            #expect(client.simulator.requests.mediaRequestsWithKey == 1)
        }
    }

    @Test func aRelativeURLRedirectsToTheOtherOrigin() async throws {
        try await withClient { client async throws in
            let url = try await client.finishedURL("[[simulate: relative-url]]")
            #expect(url.hasPrefix("/api/generate-video/content?"))
            #expect(try await client.send(.get, url, key: nil).status == 401)
            let answer = try await client.send(.get, url)
            let location = try #require(answer.headers["location"])
            #expect(answer.status == 302 && location.hasPrefix(client.simulator.mediaURL))
            #expect(try await client.download(location).status == 200)
        }
    }

    @Test(arguments: [
        ("html-video", 200, "text/html; charset=utf-8"),
        ("json-video", 200, "application/json; charset=utf-8"),
        ("garbage-video", 200, "video/mp4"), ("wrong-type", 200, "text/plain"), ("no-type", 200, nil),
        ("webm", 200, "video/webm"), ("gone", 404, "application/xml"),
        ("media-500-first", 500, "application/xml"),
        ("media-429-first", 429, "application/xml"), ("media-redirect", 302, nil),
    ])
    func odditiesOfDownloads(behaviour: String, status: Int, type: String?) async throws {
        try await withClient { client async throws in
            let answer = try await client.download(client.finishedURL("[[simulate: \(behaviour)]]"))
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == type)
        }
    }

    @Test func moreOdditiesOfDownloads() async throws {
        try await withClient { client async throws in
            let empty = try await client.download(client.finishedURL("[[simulate: empty-video]]"))
            #expect(empty.status == 200 && empty.bytes.isEmpty)
            let range = ["Range": "bytes=10-20"]
            let whole = try await client.download(
                client.finishedURL("[[simulate: no-range]]"),
                headers: range
            )
            #expect(whole.status == 200)
            let chunked = try await client.download(client.finishedURL("[[simulate: no-length]]"))
            #expect(chunked.headers["content-length"] == nil && chunked.bytes.count > 1000)
            let changing = try await client.finishedURL("[[simulate: changing-file]]")
            let first = try await client.download(changing).headers["etag"]
            #expect(try await client.download(changing).headers["etag"] != first)
            let trickle = try await client.download(client.finishedURL("[[simulate: trickle]]"))
            #expect(trickle.bytes.count > 1000)
        }
    }

    @Test(arguments: ["mp4", "webm"], [0, 1, 5337, 5340, 20_000, 1_000_000])
    func filesHaveTheWantedSize(kind: String, size: Int) {
        let file = VideoFile(runID: "vid_x", index: 3, isWebM: kind == "webm", leastSize: size)
        #expect(file.size >= size && (size < 6000 || file.size == size))
        var position = 0
        while position < file.size {
            let count = file.bytes(at: position, limit: 100_000).readableBytes
            guard count > 0 else { break }
            position += count
        }
        #expect(position == file.size)
        #expect(file.bytes(at: file.size, limit: 1).readableBytes == 0)
    }

    @Test func readsRangeHeaders() {
        #expect(ByteRange("bytes=0-0")?.resolved(size: 10) == 0..<1)
        #expect(ByteRange("bytes=5-")?.resolved(size: 10) == 5..<10)
        #expect(ByteRange("bytes=-3")?.resolved(size: 10) == 7..<10)
        #expect(ByteRange("bytes=10-")?.resolved(size: 10) == nil)
        for text in ["bytes=", "bytes=a-b", "bytes=5-4", "bytes=0-1,3-4", "items=0-1"] {
            #expect(ByteRange(text) == nil)
        }
    }
}
