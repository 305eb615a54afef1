import ControlProtocol
import ControlTransport
import JSON
import JobCore
import Synchronization

extension ControlHandlers {
    /// Snapshot and registration happen under one lock, so nothing is missed and nothing is told twice.
    func subscribe(
        _ call: ControlCall,
        _ access: Access,
        _ connection: ControlConnection
    ) throws(RPCError) -> [UInt8] {
        let params = try call.parameters(SubscribeParams.self)
        var filter = EventLog.Filter(
            id: params.filter.id,
            label: params.filter.label,
            uid: try ownerUID(params.filter.owner),
            states: Set(params.filter.states),
            access: access
        )
        let subscription = try connection.openSubscription(for: call)
        let finishedSince = context.wall() + .seconds(-params.finishedSeconds)
        let rules = context.access
        let result = context.board.state.withLock { state in
            // Under the lock: a reload that takes rights away finds the stream either before or registered.
            filter.access = rules.access(of: connection.peer)
            var after: Int?
            if let since = params.since, state.events.canResume(epoch: since.epoch, seq: since.seq) {
                after = since.seq
            }
            // The number after which events follow: with `resumed` those that were missed come first.
            let seq = after ?? state.events.seq
            var snapshot: [JobText] = []
            if after == nil {
                for id in state.order.reversed() {
                    guard let text = state.jobs[id.description], filter.admits(text.job) else { continue }
                    if text.job.state.isTerminal {
                        guard params.finishedSeconds > 0, let finishedAt = text.job.finishedAt,
                            finishedAt >= finishedSince
                        else { continue }
                    }
                    snapshot.append(text)
                    if snapshot.count > Self.snapshotLimit { break }
                }
            }
            state.events.subscribe(subscription, filter: filter, after: after)
            return (
                epoch: state.events.epoch, seq: seq, snapshot: snapshot, resumed: after != nil, state.holdUp
            )
        }
        let places = context.board.state.withLock { $0.places(of: result.snapshot, for: access) }
        let page = JobPage(result.snapshot, limit: Self.snapshotLimit, holdUp: result.4, places: places)
        return object { writer in
            writer.member("subscription", subscription.number)
            writer.member("epoch", result.epoch)
            writer.member("seq", result.seq)
            writer.name("snapshot")
            writer.array { writer in
                for job in page.jobs {
                    writer.raw(job)
                }
            }
            writer.member("next_cursor", page.nextCursor)
            writer.member("resumed", result.resumed)
        }
    }

    /// How many jobs a snapshot holds at most (CONTRACT section 3).
    private static let snapshotLimit = 1000

    func unsubscribe(_ call: ControlCall, _ connection: ControlConnection) throws(RPCError) -> [UInt8] {
        let params = try call.parameters(UnsubscribeParams.self)
        guard connection.closeSubscription(params.subscription) else {
            throw RPCError(
                .paramsInvalid,
                "there is no subscription \(params.subscription) on this connection",
                field: "subscription",
                hint: "events.subscribe gave the number"
            )
        }
        return Array("{}".utf8)
    }
}
