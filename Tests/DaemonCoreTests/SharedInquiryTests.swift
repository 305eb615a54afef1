import Synchronization
import Testing

@testable import DaemonCore

@Suite struct SharedInquiryTests {
    /// Questions that were asked, and what lets them be answered.
    private final class Provider: Sendable {
        let asked = Mutex(0)

        func ask() async -> Int {
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            // Others get the time to ask, too.
            for _ in 0..<100 {
                await Task.yield()
            }
            return number
        }
    }

    @Test func manyAskOnce() async {
        let provider = Provider()
        let inquiry = SharedInquiry<Int, ContinuousClock>(freshFor: .seconds(60), clock: ContinuousClock())
        let answers = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 {
                group.addTask { await inquiry.answer { await provider.ask() } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == [Int](repeating: 1, count: 200))
        #expect(provider.asked.withLock { $0 } == 1)
    }

    @Test func anOldAnswerIsNone() async {
        let provider = Provider()
        let inquiry = SharedInquiry<Int, ContinuousClock>(freshFor: .zero, clock: ContinuousClock())
        #expect(await inquiry.answer { await provider.ask() } == 1)
        #expect(await inquiry.answer { await provider.ask() } == 2)
    }
}
