import JobCore
import Synchronization

/// Performs the machine's actions through the ports; each outcome goes back into the loop as an event.
struct EngineEffects: Sendable {
    let ports: EnginePorts
    let receipt: Receipt
    let observer: any EngineObserver
    let wall: @Sendable () -> Timestamp
    let feed: AsyncStream<EngineInput>.Continuation
    let stops = FetchStops()

    func stopFetches() {
        stops.stopAll()
    }

    /// Removes what no job needs any more: files of a submission that was never acknowledged.
    ///
    /// How old something is does not count here: the clock may be wrong at the start.
    func cleanUp(live: [Job]) async {
        let live = Set(live.map(\.id))
        for id in await ports.bodies.stored() where !live.contains(id) {
            do {
                guard let job = try await finishedJob(id), job.state.word != .completed else {
                    await ports.bodies.remove(for: id)
                    continue
                }
            } catch {
                // The journal cannot say whether it is needed: it stays until the next start.
                continue
            }
        }
        await ports.publisher.removeStaging(except: live)
    }

    private func finishedJob(_ id: JobID) async throws -> Job? {
        var query = FinishedJobsQuery(limit: 1)
        query.id = id
        return try await ports.journal.finishedJobs(query).first
    }

    /// Removes the bodies of jobs that ended long ago; most of these jobs are only in the journal.
    private func removeBodies(endedBefore limit: Timestamp) async {
        for id in await ports.bodies.stored() {
            do {
                guard let job = try await finishedJob(id), let end = job.finishedAt, end < limit else {
                    continue
                }
                await ports.bodies.remove(for: id)
            } catch {
                // The next purge asks again.
                return
            }
        }
    }

    /// What has to happen in the order of the actions; the rest of an action may overtake others.
    ///
    /// - Returns: For a fetch, what tells it to stop.
    func begin(_ action: JobAction) -> AsyncStream<Never>? {
        switch action {
        case .fetch(let key, _, _): return stops.stream(for: key)
        case .stopFetch(let key): stops.stop(key)
        default: break
        }
        return nil
    }

    func perform(_ action: JobAction, until stop: AsyncStream<Never>?) async {
        switch action {
        case .submit(let key, let uuid, let request): await submit(key, uuid, request)
        case .look(let request, let uuid): await look(request, uuid)
        case .poll(let key, let runID, let model): await poll(key, RunReference(runID: runID, model: model))
        case .fetch(let key, let item, let url): await fetch(key, item: item, url: url, until: stop)
        case .publish(let key, let item, let video, let name, let job):
            await publish(key, item: item, video, name: name, job)
        case .removeStaging(let id): await ports.publisher.removeStaging(of: id)
        case .removeBody(let id): await ports.bodies.remove(for: id)
        case .removeBodies(let limit): await removeBodies(endedBefore: limit)
        case .checkBalance: await checkBalance()
        case .recount: await recount()
        case .checkOutput: feed.yield(.event(.outputChanged(await ports.publisher.condition().fault)))
        case .persist, .forget, .purge, .recordSent, .recordDrained, .reply, .announce, .announceGate,
            .stopFetch:
            // Done already, or the loop itself takes care of it.
            break
        }
    }

    // MARK: Requests

    private func submit(_ key: AttemptKey, _ uuid: AttemptUUID, _ request: JobRequest) async {
        let body: [UInt8]
        switch request.body {
        case .inline(let text): body = Array(text.utf8)
        case .stored:
            do {
                body = try await ports.bodies.load(for: key.job)
            } catch {
                // Nothing was sent, and without its body it never can be.
                feed.yield(.event(.submitted(key, .notSent(error))))
                return
            }
        }
        // What is paid has to find room: a full or vanished directory stops submissions first.
        if let fault = await ports.publisher.condition().fault {
            feed.yield(.event(.submitted(key, .refused(.output(fault)))))
            return
        }
        let outcome = await ports.provider.submit(
            SubmissionRequest(operation: request.operation, uuid: uuid, body: body)
        )
        switch outcome {
        case .accepted(let run):
            observer.providerReached(nil)
            if let balance = run.remainingBalance {
                observer.balanceChanged([balance], at: wall())
            }
        case .refused(.output), .notSent: break
        case .refused(.unreachable(let fault)), .unknown(let fault): observer.providerReached(fault)
        case .refused, .rejected: observer.providerReached(nil)
        }
        feed.yield(.event(.submitted(key, outcome)))
    }

    private func look(_ request: LookRequest, _ uuid: AttemptUUID?) async {
        let limit = if case .list(let limit, _) = request { limit } else { 50 }
        let outcome = await ports.provider.recentRuns(uuid: uuid, limit: limit)
        if case .unavailable(let fault) = outcome {
            observer.providerReached(fault)
        } else {
            observer.providerReached(nil)
        }
        feed.yield(.event(.looked(request, outcome)))
    }

    private func poll(_ key: AttemptKey, _ run: RunReference) async {
        let outcome = await ports.provider.status(of: run)
        if case .unavailable(let fault) = outcome {
            observer.providerReached(fault)
        } else {
            observer.providerReached(nil)
        }
        feed.yield(.event(.polled(key, outcome)))
    }

    private func recount() async {
        // The counts stay as they are until the next purge if the journal cannot be read now.
        if let counts = try? await ports.journal.finishedCounts(of: nil) {
            feed.yield(.event(.recounted(counts)))
        }
    }

    private func checkBalance() async {
        let outcome = await ports.provider.balance()
        switch outcome {
        case .balances(let balances):
            observer.providerReached(nil)
            observer.balanceChanged(balances, at: wall())
        case .unauthorized: observer.providerReached(nil)
        case .unavailable(let fault): observer.providerReached(fault)
        }
        feed.yield(.event(.balance(outcome)))
    }

    // MARK: Files

    private func fetch(_ key: AttemptKey, item: Int, url: String, until stop: AsyncStream<Never>?) async {
        let outcome = await fetch(key, item: item, url: url, stop: stop ?? stops.stream(for: key))
        stops.ended(key)
        feed.yield(.event(.fetched(key, item: item, outcome)))
    }

    private func fetch(
        _ key: AttemptKey,
        item: Int,
        url: String,
        stop: AsyncStream<Never>
    ) async -> FetchOutcome {
        await withTaskGroup(of: FetchOutcome?.self) { group in
            group.addTask {
                await fetchOnce(StagingKey(job: key.job, attempt: key.index, item: item), url: url)
            }
            group.addTask {
                for await _ in stop {}
                return nil
            }
            var outcome = FetchOutcome.stopped
            // The first to end decides; when it is the stop, the download still ends in its own way.
            if let first = await group.next() {
                group.cancelAll()
                if let first {
                    outcome = first
                } else if let second = await group.next(), let second {
                    outcome = second
                }
            }
            return outcome
        }
    }

    private func fetchOnce(_ staging: StagingKey, url: String) async -> FetchOutcome {
        do throws(DownloadSinkError) {
            if let complete = try await ports.publisher.completeStaging(staging) {
                return .staged(complete)
            }
            let file = try await ports.publisher.openStaging(staging)
            let outcome = await ports.provider.download(url, into: file)
            switch outcome {
            case .finished:
                return .staged(try await file.finish())
            case .interrupted(let fault):
                await file.suspend()
                return .interrupted(fault)
            case .expired(let fault):
                await file.suspend()
                return .expired(fault)
            case .refused(let fault):
                await file.suspend()
                return .rejected(fault)
            case .sink(let error):
                await file.suspend()
                throw error
            case .stopped:
                await file.suspend()
                return .stopped
            }
        } catch {
            switch error {
            case .interrupted(let fault): return .interrupted(fault)
            case .rejected(let fault): return .rejected(fault)
            case .outputUnavailable(let fault): return .outputUnavailable(fault)
            }
        }
    }

    private func publish(_ key: AttemptKey, item: Int, _ video: StagedVideo, name: String, _ job: Job) async {
        let plan = PublicationPlan(
            key: StagingKey(job: key.job, attempt: key.index, item: item),
            video: video,
            name: name,
            receipt: receipt.bytes(of: job, attempt: job.attempts[key.index])
        )
        let outcome = await ports.publisher.publish(plan)
        feed.yield(.event(.published(key, item: item, outcome)))
    }
}
