import Testing

@testable import JobCore

/// Every state × every kind of event: the next state, the answer, and what is done.
@Suite struct StateEventTests {
    /// A machine with one job in a state.
    struct Scene: Sendable {
        var bench: MachineBench
        let id: JobID

        /// Makes the scene by the way a job takes through the machine.
        init(_ word: JobState.Word) {
            bench = MachineBench()
            bench.restart()
            if word == .queued { bench.send(.drain(bench.token())) }
            id = bench.submit()
            switch word {
            case .queued, .submitting: break
            case .unconfirmed: bench.answerPost(MachineBench.unknown)
            case .failed: bench.answerPost(.rejected(MachineBench.fault()))
            case .canceled:
                bench.answerPost(.refused(.unreachable(MachineBench.fault())))
                bench.cancel(id)
            case .held:
                bench.answerPost(MachineBench.unknown)
                bench.lookInVain(for: id)
            case .inQueue, .inProgress, .downloading, .completed:
                bench.answerPost(MachineBench.accepted("run"))
                guard word != .inQueue else { break }
                bench.advance(.seconds(2))
                bench.answerPolls(.report(RunReport(.running)))
                guard word != .inProgress else { break }
                bench.advance(.seconds(2))
                bench.answerPolls(.report(RunReport(.done(urls: ["https://cdn/1"]))))
                guard word != .downloading else { break }
                bench.answerFetches(.staged(MachineBench.video))
                bench.answerPublications()
            }
        }
    }

    enum Happening: String, CaseIterable, Sendable {
        case cancel, discard, retry, retryAcceptingCharge, remove
        case accepted, refused, rejected, unknown
        case absent, found
        case running, done, runFailed, runCanceled, missing, pollUnavailable
        case staged, interrupted, published
        case drain, stop, wakeUp, restart
    }

    /// What became of it: the job's state afterwards, the answer, and the actions that concern money or files.
    struct Result: Equatable, CustomStringConvertible {
        var state: String
        var answer = "-"
        var actions: [String] = []

        var description: String {
            ([state, answer] + actions).joined(separator: " ")
        }
    }

    static func result(_ word: JobState.Word, _ happening: Happening) -> Result {
        var scene = Scene(word)
        let id = scene.id
        let key = AttemptKey(job: id, index: 0)
        let uuid = scene.bench.machine.jobs[id]?.attempts.first?.uuid
        let token = scene.bench.token()
        let fault = MachineBench.fault()
        if happening == .published, word == .downloading {
            // Only what was fetched is published.
            scene.bench.send(.fetched(key, item: 0, .staged(MachineBench.video)))
        }
        let event: JobEvent? =
            switch happening {
            case .cancel: .cancel(id, discard: false, token)
            case .discard: .cancel(id, discard: true, token)
            case .retry: .retry(id, acceptCharge: false, stored: nil, token)
            case .retryAcceptingCharge: .retry(id, acceptCharge: true, stored: nil, token)
            case .remove: .remove(id, stored: nil, token)
            case .accepted: .submitted(key, MachineBench.accepted("new"))
            case .refused: .submitted(key, .refused(.output(fault)))
            case .rejected: .submitted(key, .rejected(fault))
            case .unknown: .submitted(key, MachineBench.unknown)
            case .absent: .looked(.one(key), .runs([]))
            case .found: .looked(.all, .runs([RecentRun(runID: "found", conversationUUID: uuid)]))
            case .running: .polled(key, .report(RunReport(.running)))
            case .done: .polled(key, .report(RunReport(.done(urls: ["https://cdn/2"]))))
            case .runFailed: .polled(key, .report(RunReport(.failed(fault))))
            case .runCanceled: .polled(key, .report(RunReport(.canceled)))
            case .missing: .polled(key, .missing(fault))
            case .pollUnavailable: .polled(key, .unavailable(fault))
            case .staged: .fetched(key, item: 0, .staged(MachineBench.video))
            case .interrupted: .fetched(key, item: 0, .interrupted(fault))
            case .published: .published(key, item: 0, .published(MachineBench.output("x")))
            case .drain: .drain(token)
            case .stop: .stop
            case .wakeUp: .wakeUp
            case .restart: nil
            }
        if let event {
            scene.bench.send(event)
        } else {
            scene.bench.restart()
        }
        var result = Result(state: scene.bench.disk.jobs[id]?.state.word.rawValue ?? "gone")
        switch scene.bench.replies[token.value] {
        case .success(.job(_, let saves)): result.answer = saves.map { "saves:\($0.rawValue)" } ?? "ok"
        case .success: result.answer = "ok"
        case .failure(let fault): result.answer = fault.kind.rawValue
        case nil: break
        }
        for action in scene.bench.last {
            switch action {
            case .submit: result.actions.append("submit")
            case .look: result.actions.append("look")
            case .poll: result.actions.append("poll")
            case .fetch: result.actions.append("fetch")
            case .publish: result.actions.append("publish")
            case .stopFetch: result.actions.append("stopFetch")
            case .removeStaging: result.actions.append("removeStaging")
            case .removeBody: result.actions.append("removeBody")
            case .checkBalance: result.actions.append("checkBalance")
            default: break
            }
        }
        return result
    }

    @Test(arguments: JobState.Word.allCases)
    func everyEventHasItsResult(_ word: JobState.Word) {
        let expected = Self.table[word] ?? [:]
        for happening in Happening.allCases {
            let result = Self.result(word, happening)
            // What is not in the table changes nothing and does nothing.
            #expect(
                result.description == expected[happening] ?? "\(word.rawValue) -",
                "\(word.rawValue) × \(happening.rawValue)"
            )
        }
    }
}

extension MachineBench {
    /// Lets time pass until an unconfirmed attempt is given up as lost.
    mutating func lookInVain(for id: JobID) {
        for _ in 0..<600 where state(id) == .unconfirmed {
            advance(.milliseconds(200))
            answerLooks(.runs([]))
        }
    }
}
