import ControlProtocol
import ControlTransport
import JSON
import JobCore
import JobEngine
import ModelCatalog

extension ControlHandlers {
    /// What a submission comes to after all checks.
    private struct Prepared {
        let request: JobRequest
        let body: [UInt8]
        let warnings: [ValidationIssue]
        let errors: [ValidationIssue]
        let price: CataloguePrice?
    }

    /// Bodies up to this size stand in the journal; larger ones are files (CONTRACT section 2).
    private static let inlineBody = 16 << 10

    // MARK: Check

    func check(_ call: ControlCall, _ peer: ControlPeer) throws(RPCError) -> [UInt8] {
        let params = try call.parameters(SubmitParams.self)
        var errors: [ValidationIssue] = []
        let template = params.fileName ?? context.configuration.output.fileName
        do throws(JobFault) {
            _ = try FileNameTemplate(template)
        } catch {
            errors.append(
                ValidationIssue(.paramsInvalid, field: "file_name", error.message, hint: error.hint)
            )
        }
        let prepared = prepare(params)
        errors += prepared.errors
        var fileName = ""
        // Its fault is among the errors already.
        if let checked = try? FileNameTemplate(template) {
            // Only for show: the job would get an identifier of its own.
            let job = Job(
                submission(params, prepared, context.board.makeID(), peer),
                createdAt: context.wall()
            )
            fileName = checked.name(of: job) + ".mp4"
        }
        return object { writer in
            writer.member("ok", errors.isEmpty)
            write(prepared.warnings, "warnings", &writer)
            write(errors, "errors", &writer)
            if let price = prepared.price {
                writer.name("price")
                writer.money(Money(micros: price.micros, currency: price.currency))
            }
            writer.member("file_name", fileName)
        }
    }

    private func write(_ issues: [ValidationIssue], _ name: String, _ writer: inout JSONWriter) {
        writer.name(name)
        writer.array { writer in
            for issue in issues {
                writer.object { writer in
                    writer.member("kind", issue.kind.rawValue)
                    writer.member("field", issue.field)
                    writer.member("message", issue.message)
                    writer.member("hint", issue.hint)
                }
            }
        }
    }

    // MARK: Submit

    func submit(_ call: ControlCall, _ peer: ControlPeer) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(SubmitParams.self)
        let template = params.fileName ?? context.configuration.output.fileName
        do throws(JobFault) {
            _ = try FileNameTemplate(template)
        } catch {
            throw RPCError(error)
        }
        let prepared = prepare(params)
        if let error = prepared.errors.first {
            throw RPCError(
                RPCErrorKind(rawValue: error.kind.rawValue),
                error.message,
                field: error.field,
                hint: error.hint
            )
        }
        let submission = submission(params, prepared, context.board.makeID(), peer)
        let job: Job
        let duplicate: Bool
        switch try await handIn(submission, prepared.body) {
        case .submitted(let accepted, let isDuplicate):
            job = accepted
            duplicate = isDuplicate
        case .submittedEarlier(let id):
            job = try await earlierJob(id, key: params.clientKey ?? "")
            duplicate = true
        default: throw unexpected()
        }
        return jobResult(job, for: context.access.access(of: peer)) { writer in
            writer.member("duplicate", duplicate)
            write(prepared.warnings, "warnings", &writer)
        }
    }

    /// Stores the body and hands the job in.
    private func handIn(_ submission: JobSubmission, _ body: [UInt8]) async throws(RPCError) -> JobReply {
        if case .stored = submission.request.body {
            do throws(JobFault) {
                // On disk before the job is, so that a job in the journal always has its body.
                try await context.bodies.store(body, for: submission.id)
            } catch {
                // A call that is repeated needs no room for a second body: its job has one.
                let earlier = try await perform { .lookUpKey(submission, $0) }
                if case .done = earlier { throw RPCError(error) }
                return earlier
            }
        }
        do throws(RPCError) {
            return try await perform { .submit(submission, $0) }
        } catch {
            await context.bodies.remove(for: submission.id)
            throw error
        }
    }

    /// The job that a client key stands for and that is only in the journal; it may have been removed.
    private func earlierJob(_ id: JobID, key: String) async throws(RPCError) -> Job {
        var query = FinishedQuery(limit: 1)
        query.id = id
        guard let job = try await storedJobs(query).first else {
            var error = RPCError(
                .jobKeyConflict,
                "client key '\(key)' stands for job \(id), which was removed",
                field: "client_key",
                hint: "use a new key to submit again"
            )
            error.jobID = id.description
            throw error
        }
        return job
    }

    private func submission(
        _ params: SubmitParams,
        _ prepared: Prepared,
        _ id: JobID,
        _ peer: ControlPeer
    ) -> JobSubmission {
        JobSubmission(
            id: id,
            owner: JobOwner(uid: peer.uid, user: context.access.name(of: peer.uid)),
            request: prepared.request,
            label: params.label,
            clientKey: params.clientKey,
            fileName: params.fileName ?? context.configuration.output.fileName,
            origin: context.reloader.origin
        )
    }

    private func prepare(_ params: SubmitParams) -> Prepared {
        let configuration = context.configuration
        let options = ValidationOptions(
            allowUnknown: params.allowUnknown,
            maximumBodyBytes: configuration.api.maximumBody,
            allowLoopbackMediaURLs: context.reloader.isLoopback
        )
        let result = context.models.validate(params.request, options: options)
        var errors = result.errors
        if params.clientKey?.isEmpty == true {
            // A variable that is not set would make all requests of a script one job.
            errors.insert(
                ValidationIssue(
                    .paramsInvalid,
                    field: "client_key",
                    "client_key is empty",
                    hint: "leave it out, or give each request a key of its own"
                ),
                at: 0
            )
        }
        let shown = ShownRequest.make(params.request)
        let body = JSONValue.object(result.body ?? params.request).text
        let bytes = Array(body.utf8)
        return Prepared(
            request: JobRequest(
                model: params.request["model"]?.stringValue ?? "",
                shown: shown.text,
                body: bytes.count > Self.inlineBody ? .stored(bytes: bytes.count) : .inline(body),
                fingerprint: shown.fingerprint
            ),
            body: bytes,
            warnings: result.warnings,
            errors: errors,
            price: result.price
        )
    }

    // MARK: Extend and adopt

    func extend(
        _ call: ControlCall,
        _ access: Access,
        _ peer: ControlPeer
    ) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(ExtendParams.self)
        let (job, _) = try await changeableJob(params.id, access)
        guard case .completed = job.state, let runID = job.runID, job.request.model.hasPrefix("midjourney")
        else {
            var error = RPCError(
                .jobState,
                "job \(job.id) is no completed Midjourney run, and only those can be extended",
                field: "id",
                hint: "other models take the video as an input of a new job"
            )
            error.jobID = job.id.description
            throw error
        }
        guard job.origin == context.reloader.origin else {
            var error = RPCError(
                .jobState,
                "job \(job.id) ran at \(job.origin), and api.base_url is \(context.reloader.origin) now",
                field: "id",
                hint: "a run can be extended only where it was made"
            )
            error.jobID = job.id.description
            throw error
        }
        var body = JSONObject()
        body["runId"] = .string(runID)
        // The published schema still requires the old name (FACTS C26).
        body["taskId"] = .string(runID)
        body["index"] = .number(JSONNumber(params.index))
        let text = JSONValue.object(body).text
        var shown = JSONObject()
        shown["model"] = .string(job.request.model)
        shown["extends"] = .object(body)
        let made = ShownRequest.make(shown)
        var request = JobRequest(
            model: job.request.model,
            shown: made.text,
            body: .inline(text),
            fingerprint: made.fingerprint
        )
        request.operation = .extend
        let submission = JobSubmission(
            id: context.board.makeID(),
            owner: JobOwner(uid: peer.uid, user: context.access.name(of: peer.uid)),
            request: request,
            label: job.label,
            fileName: job.fileName,
            origin: context.reloader.origin
        )
        let reply = try await perform { .submit(submission, $0) }
        guard case .submitted(let accepted, _) = reply else { throw unexpected() }
        return jobResult(accepted, for: access)
    }

    func adopt(_ call: ControlCall, _ peer: ControlPeer) async throws(RPCError) -> [UInt8] {
        let params = try call.parameters(AdoptParams.self)
        guard case .runs(let runs, let known) = try await perform({ .listRuns(limit: 50, $0) }) else {
            throw unexpected()
        }
        if let id = known[params.runID] {
            var error = RPCError(
                .jobState,
                "run \(params.runID) belongs to job \(id) already",
                field: "run_id",
                hint: "'videogenctl show \(id)' shows it"
            )
            error.jobID = id.description
            throw error
        }
        guard let run = runs.first(where: { $0.runID == params.runID }) else {
            throw RPCError(
                .jobNotFound,
                "the provider's 50 newest runs do not show '\(params.runID)'",
                field: "run_id",
                hint: "'videogenctl recover' lists them"
            )
        }
        var shown = JSONObject()
        shown["model"] = .string(run.model ?? "unknown")
        shown["adopted"] = .string(run.runID)
        let made = ShownRequest.make(shown)
        let submission = JobSubmission(
            id: context.board.makeID(),
            owner: JobOwner(uid: peer.uid, user: context.access.name(of: peer.uid)),
            request: JobRequest(
                model: run.model ?? "unknown",
                shown: made.text,
                body: JobRequest.nothingToSend,
                fingerprint: made.fingerprint
            ),
            fileName: context.configuration.output.fileName,
            origin: context.reloader.origin
        )
        let reply = try await perform {
            .adopt(submission, runID: run.runID, createdAt: run.createdAt, $0)
        }
        guard case .job(let job, _) = reply else { throw unexpected() }
        return jobResult(job, for: context.access.access(of: peer))
    }
}
