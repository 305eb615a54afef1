import Synchronization
import TestSupport

/// Repeatable randomness for the closures of a script.
final class Dice: Sendable {
    private let random: Mutex<SplitMix64>

    init(seed: UInt64) {
        random = Mutex(SplitMix64(seed: seed))
    }

    func below(_ bound: Int) -> Int {
        random.withLock { $0.next(below: bound) }
    }

    func chance(_ probability: Double) -> Bool {
        random.withLock { $0.chance(probability) }
    }
}
