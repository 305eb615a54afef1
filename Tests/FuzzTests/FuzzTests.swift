import Glibc
import Testing

/// Everything that reads what others wrote, on inputs made from `corpus/` by a seeded mutator.
///
/// Two seconds of each in `make test`; `make fuzz` gives each more, from another seed, and adds libFuzzer.
@Suite("Fuzzing", .serialized)
struct FuzzTests {
    /// One of the targets, as values.
    struct Target: Sendable, CustomTestStringConvertible {
        let name: String
        let run: @Sendable ([UInt8]) throws -> Void

        init<T: FuzzTarget>(_ type: T.Type) {
            name = T.name
            run = { try T.run($0) }
        }

        var testDescription: String {
            name
        }
    }

    static let targets = [
        Target(JSONTarget.self), Target(EnvelopeTarget.self), Target(ParamsTarget.self),
        Target(LinesTarget.self), Target(AnswersTarget.self), Target(ModelsTarget.self),
    ]

    /// A slow machine under load may take long for an input; what hangs takes for ever.
    private static let patience = Duration.seconds(5)

    @Test("no crash, no hang, no growth", arguments: targets)
    func mutations(_ target: Target) throws {
        let name = target.name
        let corpus = try FuzzCorpus(name)
        for (file, input) in corpus.inputs {
            try Self.run(target, input, "corpus/\(name)/\(file)")
        }
        let seed = getenv("VIDEOGEND_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
        let seconds = getenv("VIDEOGEND_FUZZ_SECONDS").flatMap { Int(String(cString: $0)) } ?? 2
        var mutator = Mutator(seed: seed, corpus: corpus.inputs.map(\.bytes))
        // What is cached at first use is there by now.
        for _ in 0..<200 {
            try Self.run(target, mutator.next(), "seed \(seed)")
        }
        let before = FuzzCorpus.memory
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var count = 0
        repeat {
            try Self.run(target, mutator.next(), "seed \(seed)")
            count += 1
        } while clock.now < end
        let growth = FuzzCorpus.memory - before
        #expect(growth < 64 << 20, "\(growth) bytes more after \(count) inputs")
        print("fuzz \(name): \(count) inputs in \(seconds) s, seed \(seed)")
    }

    private static func run(_ target: Target, _ input: [UInt8], _ origin: String) throws {
        let clock = ContinuousClock()
        let start = clock.now
        do {
            try target.run(input)
        } catch {
            Issue.record("\(target.name), \(origin): \(error)\n\(FuzzCorpus.quoted(input))")
            throw error
        }
        let time = start.duration(to: clock.now)
        #expect(time < patience, "\(target.name), \(origin): \(time)\n\(FuzzCorpus.quoted(input))")
    }
}
