/// What the Swift runtime does by itself while a program sleeps.
///
/// libdispatch looks at its worker threads once a second (`_dispatch_workq_monitor_pools`), in every program
/// that ever ran a task.
@main
struct Idle {
    static func main() async throws {
        await withDiscardingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { await Task.yield() }
            }
        }
        try await Task.sleep(for: .seconds(3600))
    }
}
