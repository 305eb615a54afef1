import Glibc
import TestSupport
import Testing

/// The promises of CONTRACT sections 4, 5 and 7 in a simulated world, for as many seeds as wanted.
@Suite struct WorldTests {
    private static func variable(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    private static let repeated = variable("VIDEOGEND_WORLD_SEED")
    private static let soakSeconds = variable("SOAK_SECONDS")

    /// - Returns: Whether all held.
    @discardableResult
    private func run(_ seed: UInt64) -> Bool {
        let world = EngineWorld(seed: seed)
        world.run(steps: 25)
        #expect(
            world.problems.isEmpty,
            """
            seed \(seed), step \(world.steps): \(world.problems.prefix(5))
            repeat it with: VIDEOGEND_WORLD_SEED=\(seed) swift test --skip-build --filter WorldTests.oneSeed
            """
        )
        return world.problems.isEmpty
    }

    /// In small groups, so that other tests have their turn between them.
    @Test(arguments: 0..<15)
    func promisesHold(_ group: UInt64) {
        for seed in group * 8..<(group + 1) * 8 {
            run(seed)
        }
    }

    @Test(.enabled(if: repeated != nil))
    func oneSeed() {
        run(Self.repeated ?? 0)
    }

    /// `make soak SECONDS=…`: fresh seeds until the time is over; memory stays where it was.
    @Test(.enabled(if: soakSeconds != nil))
    func soak() {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(Int64(Self.soakSeconds ?? 0)))
        var seed =
            UInt64(clock.now.duration(to: end).components.attoseconds & 0xFFFF) << 32 | UInt64(getpid()) << 16
        var worlds = 0
        var memory = 0
        while clock.now < end {
            guard run(seed) else { return }
            seed += 1
            worlds += 1
            if worlds == 200 {
                memory = Self.residentBytes
            }
        }
        print("soak: \(worlds) worlds up to seed \(seed), \(Self.residentBytes >> 20) MiB resident")
        if worlds > 200 {
            #expect(Self.residentBytes - memory < 64 << 20, "memory grows")
        }
    }

    private static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return 0 }
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = words.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(getpagesize())
    }
}
