internal import Logging
internal import NIOCore

/// What all connections of a server share.
struct ControlServerShared: Sendable {
    let configuration: ControlServerConfiguration
    let service: any ControlService
    let registry: ConnectionRegistry
    let budget: LineBudget
    let unread: UnreadBudget
    let credentials: @Sendable (Int32) throws -> ControlPeer
    let work: AsyncStream<ControlWork>.Continuation
    let logger: Logger
}
