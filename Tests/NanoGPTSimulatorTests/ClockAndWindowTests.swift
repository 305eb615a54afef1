import Testing

@testable import NanoGPTSimulator

@Suite struct ClockAndWindowTests {
    @Test func writesDates() {
        #expect(CalendarText.rfc3339(1_737_117_296_000) == "2025-01-17T12:34:56.000Z")
        #expect(CalendarText.http(1_737_117_296_999) == "Fri, 17 Jan 2025 12:34:56 GMT")
        #expect(CalendarText.rfc3339(951_782_400_000) == "2000-02-29T00:00:00.000Z")
        #expect(CalendarText.http(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test func theLiveClockGoesForward() async throws {
        let clock = SimulatorClock.live()
        let start = clock.now()
        try await clock.sleep(.milliseconds(5))
        #expect(clock.now() > start && start > 1_700_000_000_000)
    }

    @Test func aWindowSlides() {
        var window = SlidingWindow(length: 1000)
        #expect(window.admit(limit: 2, at: 0) == nil)
        #expect(window.admit(limit: 2, at: 600) == nil)
        #expect(window.admit(limit: 2, at: 900) == 100)
        #expect(window.admit(limit: 2, at: 1000) == nil)
        #expect(window.admit(limit: 2, at: 1599) == 1)
        #expect(window.admit(limit: 0, at: 1599) == nil)
        #expect(window.peak == 3)
    }

    @Test func aLongWindowForgets() {
        var window = SlidingWindow(length: 100)
        for time in 0..<10_000 { window.record(at: Int64(time)) }
        #expect(window.count(at: 9999) == 100)
        #expect(window.peak == 100)
    }
}
