import ControlProtocol
import ControlTransport
import Glibc
import JSON
import JobCore
import JobEngine
import ModelCatalog
import NanoGPTAPI
import Synchronization

extension ControlHandlers {
    // MARK: Info

    func writeInfo(_ peer: ControlPeer, _ writer: inout JSONWriter) {
        let access = context.access.access(of: peer)
        let limits = ProtocolLimits.standard
        let configuration = context.configuration
        writer.object { writer in
            writer.member("name", "videogend")
            writer.member("version", context.version)
            writer.name("protocol")
            writer.object { writer in
                writer.member("major", WireWords.version.major)
                writer.member("minor", WireWords.version.minor)
            }
            writer.member("pid", getpid())
            writer.member("started_at", context.startedAt.rfc3339)
            writer.name("limits")
            writer.object { writer in
                writer.member("line_in_bytes", limits.lineIn)
                writer.member("line_out_bytes", limits.lineOut)
                writer.member("nesting", limits.nesting)
                writer.member("requests_in_flight", limits.requestsInFlight)
                writer.member("waits_in_flight", limits.waitsInFlight)
                writer.member("subscriptions", limits.subscriptions)
                writer.member("batch_members", limits.batchMembers)
                writer.member("unfinished_lines_bytes", limits.unfinishedLines)
                writer.member("unread_answers_bytes", limits.unreadAnswers)
                writer.member("id_bytes", limits.idBytes)
                writer.member("connections", configuration.control.connections)
                writer.member("connections_per_uid", configuration.control.connectionsPerUID)
                writer.member("queued_jobs", configuration.jobs.maximumQueued)
                writer.member("active_jobs", configuration.jobs.maximumActive)
                writer.member("body_bytes", configuration.api.maximumBody)
            }
            writer.name("methods")
            writer.array { writer in
                for method in ControlMethod.allCases {
                    writer.string(method.rawValue)
                }
            }
            writer.name("you")
            writer.object { writer in
                writer.member("uid", peer.uid)
                writer.member("user", context.access.name(of: peer.uid) ?? String(peer.uid))
                writer.member("role", access.isAdmin ? "admin" : "user")
            }
        }
    }

    // MARK: Status

    func status(_ call: ControlCall, _ access: Access) async throws(RPCError) -> [UInt8] {
        try call.noParameters()
        let condition = await context.publisher.condition()
        context.board.outputChanged(condition)
        let view = StatusView(context.board, access, finished: await finishedCounts(access))
        let configuration = context.configuration
        return object { writer in
            writer.member("state", view.state)
            writer.member("reason", view.holdUp)
            writer.name("jobs")
            writer.object { writer in
                for word in JobState.Word.allCases {
                    writer.member(word.rawValue, view.counts[word, default: 0])
                }
            }
            writer.name("api")
            writer.object { writer in
                writer.member("base_url", context.reloader.origin)
                writer.member("reachable", view.provider.reachable)
                writer.member("last_error", view.provider.lastError)
                writer.member("last_error_at", view.provider.lastErrorAt?.rfc3339)
            }
            if !view.balances.isEmpty {
                writer.name("balance")
                writer.object { writer in
                    writer.name("balances")
                    writer.array { writer in
                        for balance in view.balances { writer.money(balance) }
                    }
                    writer.member("as_of", view.balancesAsOf?.rfc3339)
                }
            }
            writer.name("output")
            writer.object { writer in
                writer.member("directory", configuration.output.directory)
                writer.member("free_bytes", condition.freeBytes ?? 0)
                writer.member("writable", condition.fault == nil)
                writer.member("reason", condition.fault?.message)
            }
            writer.name("journal")
            writer.object { writer in
                writer.member("enabled", configuration.state.directory != nil)
                writer.member("writable", view.journalFault == nil)
                writer.member("reason", view.journalFault?.message)
            }
            writer.name("paid_unpublished")
            writer.object { writer in
                writer.member("count", view.unpublishedCount)
                writer.name("money")
                writer.array { writer in
                    for money in view.unpublishedMoney { writer.money(money) }
                }
            }
        }
    }

    /// The caller's settled jobs by state; nil when it sees all, or when only the memory knows them.
    private func finishedCounts(_ access: Access) async -> [JobState.Word: Int]? {
        guard !access.seesAll else { return nil }
        // A journal that cannot be read is told of in `journal`; the memory has the newest jobs.
        return try? await context.journal.finishedCounts(of: access.uid)
    }

    // MARK: Drain, reload, backup

    func drain(_ call: ControlCall, _ drained: Bool) async throws(RPCError) -> [UInt8] {
        try call.noParameters()
        _ = try await perform { drained ? .drain($0) : .resume($0) }
        let word = context.board.state.withLock(\.stateWord)
        return object { $0.member("state", word) }
    }

    func reload(_ call: ControlCall) async throws(RPCError) -> [UInt8] {
        try call.noParameters()
        do throws(ConfigurationError) {
            let outcome = try await context.announcer.reload()
            return object { writer in
                writer.name("changed")
                writer.array { writer in outcome.changed.forEach { writer.string($0) } }
                writer.name("needs_restart")
                writer.array { writer in outcome.needsRestart.forEach { writer.string($0) } }
            }
        } catch {
            throw RPCError(
                .configInvalid,
                "the configuration was not changed: \(error)",
                field: error.key,
                hint: "mend it and reload again"
            )
        }
    }

    func backup(_ call: ControlCall) async throws(RPCError) -> [UInt8] {
        try call.noParameters()
        do {
            let path = try await context.journal.backup(at: context.wall())
            return object { $0.member("path", path) }
        } catch {
            throw RPCError(
                .stateUnavailable,
                "the journal cannot be copied: \(error)",
                retryable: context.configuration.state.directory != nil
            )
        }
    }

    // MARK: Account, runs

    func balance(_ call: ControlCall) async throws(RPCError) -> [UInt8] {
        try call.noParameters()
        let provider = context.provider
        switch await context.balance.answer({ await provider.balance() }) {
        case .balances(let balances):
            let now = context.wall()
            context.board.balanceChanged(balances, at: now)
            context.engine.notify(.balance(.balances(balances)))
            return object { writer in
                writer.name("balances")
                writer.array { writer in
                    for balance in balances { writer.money(balance) }
                }
                writer.member("as_of", now.rfc3339)
            }
        case .unauthorized(let fault), .unavailable(let fault): throw RPCError(fault)
        }
    }

    func listRuns(_ call: ControlCall) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(RunsListParams.self)
        guard case .runs(let runs, let known) = try await perform({ .listRuns(limit: params.limit, $0) })
        else {
            throw unexpected()
        }
        return object { writer in
            writer.name("runs")
            writer.array { writer in
                for run in runs where params.model == nil || run.model == params.model {
                    writer.object { writer in
                        writer.member("run_id", run.runID)
                        writer.member("model", run.model)
                        writer.member("status", run.status)
                        writer.member("created_at", run.createdAt?.rfc3339)
                        writer.member("conversation_uuid", run.conversationUUID?.description)
                        writer.member("job_id", known[run.runID]?.description)
                    }
                }
            }
        }
    }

    // MARK: Models

    func listModels(_ call: ControlCall) throws(RPCError) -> [UInt8] {
        let params = try call.parameters(ModelsListParams.self)
        let models = context.models.models.filter { model in
            params.modality.map(model.matches(modality:)) ?? true
        }
        return object { writer in
            writer.name("models")
            writer.array { writer in
                for model in models { writer.value(model.description) }
            }
        }
    }

    func getModel(_ call: ControlCall) throws(RPCError) -> [UInt8] {
        let id = try call.id()
        let catalogue = context.models
        guard let model = catalogue.entry(id) else {
            let near = catalogue.suggestions(for: id)
            let why = catalogue.removed[id].map { ": \($0)" } ?? ""
            throw RPCError(
                .modelUnknown,
                "model '\(id)' is not known\(why)",
                field: "id",
                hint: near.isEmpty
                    ? "'videogenctl models' lists them" : "did you mean \(near.joined(separator: ", "))?"
            )
        }
        return object { writer in
            writer.name("model")
            writer.value(model.description)
        }
    }
}
