import ControlProtocol
import ControlTransport
import JSON
import JobCore
import JobEngine
import Synchronization

/// Answers every call of the control protocol: reads from the board on the event loop, everything else in a task.
struct ControlHandlers: ControlService {
    let context: DaemonContext

    func answer(
        _ call: ControlCall,
        from peer: ControlPeer,
        into writer: inout JSONWriter
    ) throws(RPCError) -> Bool {
        switch call.method {
        case .jobsGet: return try getJob(call, peer, &writer)
        case .daemonInfo:
            try call.noParameters()
            // The event loop waits for nobody.
            guard context.access.knowsName(of: peer.uid) else { return false }
            writeInfo(peer, &writer)
            return true
        case .eventsUnsubscribe, .daemonStatus, .rpcDiscover, .modelsList, .modelsGet: return false
        default: return false
        }
    }

    func perform(_ call: ControlCall, for connection: ControlConnection) async throws(RPCError) -> [UInt8] {
        if call.method == .daemonInfo {
            try call.noParameters()
            var writer = JSONWriter(capacity: 2048)
            writeInfo(connection.peer, &writer)
            return writer.bytes
        }
        await context.board.waitUntilRestored()
        let access = context.access.access(of: connection.peer)
        if call.method.description.role == .admin, !access.isAdmin {
            throw RPCError(
                .accessDenied,
                "method '\(call.method.rawValue)' is for administrators",
                hint: "name your user under control.admins, or ask root"
            )
        }
        switch call.method {
        case .jobsGet: return try await getStoredJob(call, access)
        case .daemonInfo: throw unexpected()
        case .daemonStatus: return try await status(call, access)
        case .daemonDrain: return try await drain(call, true)
        case .daemonResume: return try await drain(call, false)
        case .daemonReload: return try await reload(call)
        case .rpcDiscover:
            try call.noParameters()
            return Array(OpenRPC.document(version: context.version).text.utf8)
        case .jobsCheck: return try check(call, connection.peer)
        case .jobsSubmit: return try await submit(call, connection.peer)
        case .jobsList: return try await list(call, access)
        case .jobsWait: return try await wait(call, access)
        case .jobsCancel: return try await cancel(call, access)
        case .jobsRetry: return try await retry(call, access)
        case .jobsRemove: return try await remove(call, access)
        case .jobsExtend: return try await extend(call, access, connection.peer)
        case .runsList: return try await listRuns(call)
        case .runsAdopt: return try await adopt(call, connection.peer)
        case .stateBackup: return try await backup(call)
        case .eventsSubscribe: return try subscribe(call, access, connection)
        case .eventsUnsubscribe: return try unsubscribe(call, connection)
        case .modelsList: return try listModels(call)
        case .modelsGet: return try getModel(call)
        case .accountBalance: return try await balance(call)
        }
    }

    // MARK: Shared

    /// Builds a result object.
    func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object(body)
        return writer.bytes
    }

    func jobResult(
        _ job: Job,
        for access: Access,
        _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        let text = JobText(job)
        let bytes = context.board.state.withLock { $0.bytes(text, brief: false, for: access) }
        return object { writer in
            writer.name("job")
            writer.raw(bytes)
            more(&writer)
        }
    }

    /// The job, if the caller may see it; from memory or from the journal.
    ///
    /// Another's job looks like no job.
    func visibleJob(_ id: String, _ access: Access) async throws(RPCError) -> (job: Job, isStored: Bool) {
        if let text = context.board.state.withLock({ $0.jobs[id] }) {
            guard access.sees(text.job) else { throw notFound(id) }
            return (text.job, false)
        }
        guard let jobID = JobID(id) else { throw notFound(id) }
        var query = FinishedQuery(limit: 1)
        query.id = jobID
        guard let job = try await storedJobs(query).first, access.sees(job) else { throw notFound(id) }
        return (job, true)
    }

    /// The job, if the caller may do something about it.
    func changeableJob(_ id: String, _ access: Access) async throws(RPCError) -> (job: Job, isStored: Bool) {
        let found = try await visibleJob(id, access)
        guard access.mayChange(found.job) else {
            var error = RPCError(
                .accessDenied,
                "job \(id) belongs to \(found.job.owner.user ?? String(found.job.owner.uid))",
                field: "id",
                hint: "its owner and administrators may change it"
            )
            error.jobID = id
            throw error
        }
        return found
    }

    func notFound(_ id: String) -> RPCError {
        RPCError(
            .jobNotFound,
            "there is no job '\(id)'",
            field: "id",
            hint: "'videogenctl list' shows the jobs you can see"
        )
    }

    func perform(_ make: (ReplyToken) -> JobEvent) async throws(RPCError) -> JobReply {
        if let fault = context.board.state.withLock(\.journalFault) {
            throw RPCError(fault)
        }
        switch await context.engine.perform(make) {
        case .success(let reply): return reply
        case .failure(let fault): throw RPCError(fault)
        }
    }
}
