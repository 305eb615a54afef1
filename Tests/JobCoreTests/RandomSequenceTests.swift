import Testing

@testable import JobCore

/// Random events in random order keep the promises (CONTRACT section 5).
@Suite struct RandomSequenceTests {
    /// A group is 15 seeds; together they see more than 100 000 events.
    @Test(arguments: 0..<4)
    func promisesHold(_ group: UInt64) {
        var events = 0
        for seed in group * 15..<(group + 1) * 15 {
            var world = RandomWorld(seed: seed)
            world.run(events: 1000)
            events += world.events
            #expect(
                world.rules.problems.isEmpty,
                "seed \(seed), event \(world.events): \(world.rules.problems.prefix(5))"
            )
        }
        #expect(events >= 25_000)
    }
}
