import ControlProtocol
import ControlTransport
import JSON
import JobCore
import JobEngine
import Synchronization

/// Short for the port's query.
typealias FinishedQuery = FinishedJobsQuery

extension ControlHandlers {
    // MARK: Get

    /// The hot path: from memory, on the event loop.
    func getJob(
        _ call: ControlCall,
        _ peer: ControlPeer,
        _ writer: inout JSONWriter
    ) throws(RPCError) -> Bool {
        let id = try call.id()
        let access = context.access.access(of: peer)
        let (isKnown, bytes) = context.board.state.withLock { state -> (Bool, [UInt8]?) in
            guard let text = state.jobs[id] else { return (false, nil) }
            return (true, access.sees(text.job) ? state.bytes(text, brief: false, for: access) : nil)
        }
        guard isKnown else { return false }
        guard let bytes else { throw notFound(id) }
        writer.object { writer in
            writer.name("job")
            writer.raw(bytes)
        }
        return true
    }

    func getStoredJob(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        let job = try await visibleJob(try call.id(), access).job
        return jobResult(job, for: access)
    }

    func storedJobs(_ query: FinishedQuery) async throws(RPCError) -> [Job] {
        do {
            return try await context.journal.finishedJobs(query)
        } catch {
            throw RPCError(.stateUnavailable, "the journal cannot be read: \(error)", retryable: true)
        }
    }

    // MARK: List

    func list(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(ListParams.self)
        let before = try params.cursor.map { cursor throws(RPCError) in
            guard let id = JobID(cursor) else {
                throw RPCError(
                    .paramsInvalid,
                    "cursor '\(cursor)' is not one",
                    field: "cursor",
                    hint: "pass the next_cursor of the page before"
                )
            }
            return id
        }
        let uid = try ownerUID(params.owner)
        if !access.seesAll, let uid, uid != access.uid {
            return object {
                $0.name("jobs"); $0.array { _ in }
            }
        }
        let states = Set(params.states.compactMap(JobState.Word.init))
        let filter = EventLog.Filter(
            label: params.label,
            uid: uid,
            states: Set(params.states),
            access: access
        )
        // One more than asked tells whether there is a next page.
        var (texts, holdUp) = context.board.state.withLock { state in
            var found: [JobText] = []
            for id in state.order.reversed() {
                if let before, id >= before { continue }
                guard let text = state.jobs[id.description], filter.admits(text.job) else { continue }
                found.append(text)
                if found.count > params.limit { break }
            }
            return (found, state.holdUp)
        }
        var query = FinishedQuery(limit: params.limit + 1)
        query.before = before
        query.label = params.label
        query.states = states
        query.uid = uid ?? (access.seesAll ? nil : access.uid)
        if states.isEmpty || !states.isDisjoint(with: [.completed, .failed, .canceled]) {
            let known = Set(texts.map(\.job.id))
            let inMemory = context.board.state.withLock { Set($0.jobs.keys) }
            texts += try await storedJobs(query)
                .filter { !known.contains($0.id) && !inMemory.contains($0.id.description) }.map(JobText.init)
            texts.sort { $0.job.id > $1.job.id }
        }
        let found = texts
        let places = context.board.state.withLock { $0.places(of: found, for: access) }
        let page = JobPage(found, limit: params.limit, holdUp: holdUp, places: places)
        return object { writer in
            writer.name("jobs")
            writer.array { writer in
                for job in page.jobs {
                    writer.raw(job)
                }
            }
            writer.member("next_cursor", page.nextCursor)
        }
    }

    func ownerUID(_ owner: OwnerFilter?) throws(RPCError) -> UInt32? {
        switch owner {
        case nil: return nil
        case .uid(let uid): return uid
        case .name(let name):
            guard let uid = Users.uid(of: name) else {
                throw RPCError(.paramsInvalid, "there is no user '\(name)'", field: "owner")
            }
            return uid
        }
    }

    // MARK: Wait

    func wait(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(WaitParams.self)
        let first = try await visibleJob(params.id, access).job
        if !first.state.word.endsWait {
            let board = context.board
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await board.waitForEnd(of: params.id) }
                group.addTask {
                    // Cancelled when the job ends first.
                    try? await ContinuousClock().sleep(for: params.timeout)
                }
                await group.next()
                group.cancelAll()
            }
        }
        let job = try await visibleJob(params.id, access).job
        return jobResult(job, for: access) { $0.member("done", job.state.word.endsWait) }
    }

    // MARK: Changes

    func cancel(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(CancelParams.self)
        let (job, isStored) = try await changeableJob(params.id, access)
        guard !isStored else {
            throw RPCError(
                .jobState,
                "job \(job.id) is \(job.state.word.rawValue) and cannot be canceled any more",
                charged: .init(rawValue: job.charged.rawValue) ?? .unknown,
                field: "id"
            )
        }
        let reply = try await perform { .cancel(job.id, discard: params.discard, $0) }
        guard case .job(let after, let savesMoney) = reply else { throw unexpected() }
        return jobResult(after, for: access) { $0.member("saves_money", savesMoney?.rawValue) }
    }

    func retry(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(RetryParams.self)
        let (job, isStored) = try await changeableJob(params.id, access)
        let stored = isStored ? job : nil
        let reply = try await perform {
            .retry(job.id, acceptCharge: params.acceptCharge, stored: stored, $0)
        }
        guard case .job(let after, _) = reply else { throw unexpected() }
        return jobResult(after, for: access)
    }

    func remove(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        let (job, isStored) = try await changeableJob(try call.id(), access)
        let stored = isStored ? job : nil
        _ = try await perform { .remove(job.id, stored: stored, $0) }
        return object { $0.member("id", job.id.description) }
    }

    func unexpected() -> RPCError {
        RPCError(.internal, "the engine gave an unexpected reply", charged: .unknown)
    }
}
