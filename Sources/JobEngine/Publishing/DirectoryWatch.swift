public import JobCore
import Synchronization

/// Watches the output directory and says when its condition changed.
///
/// Sleeps in the kernel while all is well. While something is wrong it also looks again after growing pauses,
/// because free space, a file system that turned read-only on an error, or a missing parent directory make no event.
public struct DirectoryWatch<C: Clock>: Sendable where C.Duration == Duration {
    /// The first pause while something is wrong.
    private static var minimumPause: Duration { .seconds(1) }
    /// The longest pause while something is wrong.
    private static var maximumPause: Duration { .seconds(30) }

    private let directory: String
    private let publisher: any VideoPublisher
    private let clock: C

    /// Makes a watch.
    ///
    /// - Parameters:
    ///   - directory: The absolute path of the output directory; it need not exist.
    ///   - publisher: Looks at the directory.
    ///   - clock: For the pauses while something is wrong.
    public init(directory: String, publisher: any VideoPublisher, clock: C) {
        self.directory = directory
        self.publisher = publisher
        self.clock = clock
    }

    /// Watches until the task is cancelled.
    ///
    /// - Parameter onChange: Told the condition at the start, and then whenever what is wrong has changed; amounts of
    ///   free space alone are not reported.
    /// - Throws: `JobFault` `output.unavailable` when the kernel grants no inotify instance.
    public func run(onChange: @escaping @Sendable (OutputCondition) async -> Void) async throws(JobFault) {
        let events: DirectoryEvents
        do throws(SystemCallError) {
            events = try DirectoryEvents(path: directory)
        } catch {
            throw error.outputFault(charged: .no)
        }
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        defer { events.stop() }
        events.start { signal.yield() }
        await withDiscardingTaskGroup { group in
            await follow(signals, signal, events, in: &group, onChange: onChange)
            group.cancelAll()
        }
    }

    private func follow(
        _ signals: AsyncStream<Void>,
        _ signal: AsyncStream<Void>.Continuation,
        _ events: DirectoryEvents,
        in group: inout DiscardingTaskGroup,
        onChange: @Sendable (OutputCondition) async -> Void
    ) async {
        let timer = PauseTimer()
        var pause = Self.minimumPause
        var reported: OutputCondition?
        signal.yield()
        // Ends when the task is cancelled.
        for await _ in signals {
            events.refresh()
            let condition = await publisher.condition()
            if reported == nil || reported?.fault != condition.fault {
                reported = condition
                await onChange(condition)
            }
            guard condition.fault != nil else {
                pause = Self.minimumPause
                continue
            }
            // An event does not shorten the pauses; at most one timer runs.
            guard timer.begin() else { continue }
            let current = pause
            group.addTask {
                // A cancelled pause ends the watch, which the loop notices by itself.
                try? await clock.sleep(until: clock.now.advanced(by: current), tolerance: nil)
                timer.end()
                signal.yield()
            }
            pause = min(pause * 2, Self.maximumPause)
        }
    }
}

/// Whether a pause is running.
private final class PauseTimer: Sendable {
    private let isRunning = Mutex(false)

    /// Returns false when one is running already.
    func begin() -> Bool {
        isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
    }

    func end() {
        isRunning.withLock { $0 = false }
    }
}
