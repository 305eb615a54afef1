import Glibc
import JobCore
import JobEngine
import Logging
import NanoGPTAPI
import NanoGPTSimulator
import Testing

/// Downloads that stop, with the staging files of the daemon at the other end.
@Suite("Broken downloads go on where they stopped")
struct BrokenDownloadTests {
    /// What goes wrong, what the fault says of it, and how often the simulator sends a part and the whole.
    static let rows: [(behaviours: String, words: String, parts: Int, wholes: Int)] = [
        ("stalled, video-bytes=300000", "nothing came", 1, 1),
        ("truncated, video-bytes=300000", "broke off", 1, 1),
        ("stalled, no-validator, video-bytes=300000", "nothing came", 0, 2),
        ("stalled, no-range, video-bytes=300000", "nothing came", 0, 2),
        ("stalled, changing-file, video-bytes=300000", "nothing came", 0, 2),
        ("stalled=2, video-bytes=300000", "nothing came", 2, 1),
    ]

    @Test("no byte for the stall limit, or the end before the end", arguments: rows.indices)
    func goesOn(_ index: Int) async throws {
        let row = Self.rows[index]
        var template = Array("/tmp/broken-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        defer { Self.remove(folder) }
        try #require(mkdir("\(folder)/videos", 0o755) == 0)
        let publisher = FilePublisher(
            configuration: FilePublisherConfiguration(
                outputDirectory: "\(folder)/videos",
                stagingDirectory: "\(folder)/.staging",
                daemonVersion: "1"
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await RemoteAPI.with { api in
            let client = try NanoGPTClient(
                configuration: NanoGPTConfiguration(
                    baseURL: api.simulator.baseURL,
                    userAgent: "videogend/test",
                    // Long where no stall is meant: the machine may be busy.
                    stallTimeout: row.words == "nothing came" ? .seconds(2) : .seconds(30)
                ),
                key: APIKey(RemoteAPI.key),
                now: { Timestamp(milliseconds: RemoteAPI.start) }
            )
            let run = try await api.finished("x [[simulate: \(row.behaviours)]]")
            let url = try await api.url(run)
            let job = try #require(JobID("0000000000000001"))
            let key = StagingKey(job: job, attempt: 0, item: 0)
            var outcome = DownloadOutcome.stopped
            var file = try await publisher.openStaging(key)
            for _ in 0..<4 {
                outcome = await client.download(url, into: file)
                guard case .interrupted(let fault) = outcome else { break }
                #expect(fault.message.contains(row.words), "\(fault.message)")
                await file.suspend()
                file = try await publisher.openStaging(key)
            }
            #expect(outcome == .finished)
            let video = try await file.finish()
            #expect(video.bytes == 300_000)
            let sink = TrailerSink()
            _ = await client.download(url, into: sink)
            #expect(sink.trailer.contains("run=\(run.runID) "))
            #expect(Self.end(of: "\(folder)/.staging/\(key.name).video") == sink.trailer)
            let counts = api.simulator.requests.counts(.media)
            #expect(counts.statuses[206] ?? 0 == row.parts, "\(counts)")
            #expect(counts.requests == row.parts + row.wholes + 1, "\(counts)")
            try await client.shutdown()
        }
    }

    private static func end(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "\(path): errno \(errno)" }
        defer { fclose(file) }
        fseek(file, -128, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func remove(_ path: String) {
        guard unlink(path) != 0, let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." {
                remove("\(path)/\(name)")
            }
        }
        rmdir(path)
    }
}
