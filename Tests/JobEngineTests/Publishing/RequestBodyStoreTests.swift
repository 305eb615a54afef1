import Glibc
import JobCore
import JobEngine
import Logging
import TestSupport
import Testing

@Suite("RequestBodyStore")
struct RequestBodyStoreTests {
    private let logger = Logger(label: "test")

    private func kind(_ body: () async throws(JobFault) -> Void) async -> JobFault.Kind? {
        do throws(JobFault) {
            try await body()
            return nil
        } catch {
            return error.kind
        }
    }

    /// What every store does; its capacity is 1 000 bytes.
    private func conformance(_ store: any RequestBodyStore) async throws {
        let (one, two, three) = (try Sample.job(1), try Sample.job(2), try Sample.job(3))
        let body = [UInt8]((0..<600).map { UInt8(truncatingIfNeeded: $0) })
        #expect(await kind { () throws(JobFault) in _ = try await store.load(for: one) } == .stateUnavailable)
        try await store.store(body, for: one)
        #expect(try await store.load(for: one) == body)
        #expect(
            await kind { () throws(JobFault) in try await store.store(body, for: two) } == .limitsExceeded
        )
        #expect(await kind { () throws(JobFault) in _ = try await store.load(for: two) } == .stateUnavailable)
        // A replacement counts once.
        try await store.store(body.reversed(), for: one)
        #expect(try await store.load(for: one) == body.reversed())
        try await store.store(Array(body[..<400]), for: two)
        #expect(
            await kind { () throws(JobFault) in try await store.store([1], for: three) } == .limitsExceeded
        )
        await store.remove(for: two)
        await store.remove(for: two)
        try await store.store([], for: two)
        #expect(try await store.load(for: two) == [])
        #expect(await store.stored() == [one, two])
        await store.remove(for: one)
        #expect(await kind { () throws(JobFault) in _ = try await store.load(for: one) } == .stateUnavailable)
        try await store.store([UInt8](repeating: 7, count: 1000), for: one)
        await store.remove(for: one)
        #expect(await store.stored() == [two])
        await store.remove(for: two)
        #expect(await store.stored() == [])
    }

    @Test("In memory")
    func inMemory() async throws {
        try await conformance(InMemoryRequestBodyStore(maximumBytes: 1000))
    }

    @Test("In files")
    func inFiles() async throws {
        try await PublishingPlace.with { place in
            let store = try await FileRequestBodyStore.open(
                stateDirectory: place.root,
                maximumBytes: 1000,
                logger: logger
            )
            #expect(store.warnings == [])
            try await conformance(store)
            #expect(Files.names("\(place.root)/bodies") == [])
        }
    }

    @Test("Files are private, counted again at the start, and left-overs of a crash go away")
    func restart() async throws {
        try await PublishingPlace.with { place in
            let directory = "\(place.root)/bodies"
            let (one, two) = (try Sample.job(1), try Sample.job(2))
            let first = try await FileRequestBodyStore.open(
                stateDirectory: place.root,
                maximumBytes: 1000,
                logger: logger
            )
            try await first.store([UInt8](repeating: 1, count: 600), for: one)
            #expect(try Files.mode(directory) == 0o700)
            #expect(try Files.mode("\(directory)/\(one).json") == 0o600)
            chmod(directory, 0o755)
            chmod("\(directory)/\(one).json", 0o644)
            try Files.write("\(directory)/\(two).json.new", [1, 2])
            try Files.write("\(directory)/notes.txt", [1, 2], mode: 0o600)

            let store = try await FileRequestBodyStore.open(
                stateDirectory: place.root,
                maximumBytes: 1000,
                logger: logger
            )
            #expect(
                store.warnings == [
                    "\(directory) was open to others, it now has mode 0700",
                    "\(directory)/\(one).json was open to others, it now has mode 0600",
                ]
            )
            #expect(store.countedBytes == 600)
            #expect(Files.names(directory) == ["\(one).json", "notes.txt"])
            #expect(try Files.mode("\(directory)/\(one).json") == 0o600)
            let body = [UInt8](repeating: 2, count: 600)
            #expect(
                await kind { () throws(JobFault) in try await store.store(body, for: two) } == .limitsExceeded
            )
            #expect(await store.stored() == [one])
            await store.remove(for: one)
            #expect(store.countedBytes == 0)
            #expect(Files.names(directory) == ["notes.txt"])
        }
    }

    @Test("A full disk costs neither room nor the body that was there", .enabled(if: PublishingPlace.isRoot))
    func full() async throws {
        try await PublishingPlace.with(tmpfs: "256k") { place in
            let store = try await FileRequestBodyStore.open(
                stateDirectory: place.root,
                maximumBytes: 1 << 20,
                logger: logger
            )
            let job = try Sample.job()
            try await store.store([1, 2, 3], for: job)
            let large = [UInt8](repeating: 1, count: 400 << 10)
            #expect(
                await kind { () throws(JobFault) in try await store.store(large, for: job) }
                    == .stateUnavailable
            )
            #expect(store.countedBytes == 3)
            #expect(try await store.load(for: job) == [1, 2, 3])
            #expect(Files.names("\(place.root)/bodies") == ["\(job).json"])
        }
    }

    @Test("A state directory that is not there, and a link in place of ours")
    func unusable() async throws {
        try await PublishingPlace.with { place in
            #expect(
                await kind { () throws(JobFault) in
                    _ = try await FileRequestBodyStore.open(
                        stateDirectory: "\(place.root)/none",
                        maximumBytes: 1,
                        logger: logger
                    )
                } == .stateUnavailable
            )
            symlink(place.output, "\(place.root)/bodies")
            #expect(
                await kind { () throws(JobFault) in
                    _ = try await FileRequestBodyStore.open(
                        stateDirectory: place.root,
                        maximumBytes: 1,
                        logger: logger
                    )
                } == .stateUnavailable
            )
        }
    }
}
