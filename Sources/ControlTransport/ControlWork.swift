internal import ControlProtocol
internal import Synchronization

/// A call on its way through a child task of the server.
struct ControlWork: Sendable {
    let call: ControlCall
    let connection: ControlConnection
    /// Ends when the connection closes; nil for a call that goes on to its end.
    let hangUp: AsyncStream<Never>?
    let hangUpContinuation: AsyncStream<Never>.Continuation?
    /// Bytes of parameters that the budget counts until the call is over, connected or not.
    let counted: Int
    let budget: LineBudget

    /// Carries the call out and hands the answer to the connection.
    ///
    /// - Parameter service: What carries it out.
    func run(with service: any ControlService) async {
        let answer: Result<[UInt8], RPCError>
        if let hangUp {
            answer = await race(service, against: hangUp)
        } else {
            answer = await Self.perform(call, connection, service)
        }
        if counted > 0 {
            budget.addPerforming(-counted)
        }
        let serial = call.serial
        connection.withHandler { $0.finish(serial, answer) }
    }

    private static func perform(
        _ call: ControlCall,
        _ connection: ControlConnection,
        _ service: any ControlService
    ) async -> Result<[UInt8], RPCError> {
        do throws(RPCError) {
            return .success(try await service.perform(call, for: connection))
        } catch {
            return .failure(error)
        }
    }

    private func race(
        _ service: any ControlService,
        against hangUp: AsyncStream<Never>
    ) async -> Result<[UInt8], RPCError> {
        await withTaskGroup(of: Result<[UInt8], RPCError>.self) { group in
            group.addTask {
                defer { hangUpContinuation?.finish() }
                return await Self.perform(call, connection, service)
            }
            // Ends with the call or with the connection, whichever is first.
            for await _ in hangUp {}
            group.cancelAll()
            return await group.next() ?? .failure(RPCError(.internal, "the call was given up"))
        }
    }
}
