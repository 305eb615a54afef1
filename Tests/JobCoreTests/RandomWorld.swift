@testable import JobCore

/// A machine, a provider, clients, a file system, two clocks and bad luck, all from one seed.
struct RandomWorld {
    enum Wire {
        case post(MachineBench.Post)
        case look(MachineBench.Look)
        case poll(MachineBench.Poll)
        case fetch(MachineBench.Fetch)
        case publish(MachineBench.Publication)
        case balance
        case output
    }

    enum Crash: CaseIterable {
        case beforeCommit, afterCommit, whileActing
    }

    var bench: MachineBench
    var provider: RandomProvider
    var rules = MoneyRules()
    private var random: SplitMix64
    var wires: [(due: Duration, wire: Wire)] = []
    private var nextCommand: Duration
    private var nextMood: Duration
    private var lastStepAhead: Duration?
    private var outputBroken = false
    private var isCalm = false
    private var clientKeys: [String: JobID] = [:]
    private(set) var events = 0
    var posted: [AttemptUUID: JobID] = [:]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        var policy = JobPolicy(origin: MachineBench.origin)
        policy.submitPerMinute = [1, 3, 50].randomElement(using: &random) ?? 50
        policy.requestsPerSecond = [1, 3, 25].randomElement(using: &random) ?? 25
        policy.maximumActive = [1, 5, 1000].randomElement(using: &random) ?? 1000
        policy.maximumQueued = [5, 10_000].randomElement(using: &random) ?? 10_000
        policy.giveUpAfter = .seconds([120, 86_400].randomElement(using: &random) ?? 86_400)
        policy.keepFinished = .seconds([7200, 30 * 86_400].randomElement(using: &random) ?? 7200)
        bench = MachineBench(seed: seed, policy: policy)
        provider = RandomProvider(random: SplitMix64(seed: seed &+ 1))
        nextCommand = bench.now.uptime
        nextMood = bench.now.uptime + .seconds(60)
    }

    // MARK: Running

    mutating func run(events limit: Int) {
        restart()
        while events < limit, rules.problems.isEmpty {
            step()
        }
        for origin in [MachineBench.elsewhere, MachineBench.origin] {
            calmDown(origin)
            let end = bench.now.uptime + .seconds(4 * 86_400)
            while bench.now.uptime < end, rules.problems.isEmpty, !isAtRest {
                guard step() else { break }
            }
        }
        checkEnd()
    }

    /// Lets the next thing happen; false when nothing will.
    @discardableResult
    private mutating func step() -> Bool {
        let wire = wires.indices.min { wires[$0].due < wires[$1].due }
        let wakeUp = bench.machine.nextWakeUp(at: bench.now)
        var due = [wakeUp, wire.map { wires[$0].due }].compactMap { $0 }
        if !isCalm { due += [nextCommand, nextMood] }
        guard let next = due.min() else { return false }
        bench.step(to: max(next, bench.now.uptime))
        let now = bench.now.uptime
        if !isCalm, now >= nextMood {
            changeMood()
        } else if let wire, wires[wire].due <= now {
            arrive(wires.remove(at: wire).wire)
        } else if let wakeUp, wakeUp <= now {
            happen(.wakeUp)
        } else {
            nextCommand = now + .milliseconds(Int64.random(in: 0...60_000, using: &random))
            command()
        }
        return true
    }

    private mutating func happen(_ event: JobEvent) {
        events += 1
        let actions = bench.machine.handle(event, at: bench.now)
        let crash = !isCalm && random.chance(0.004) ? Crash.allCases.randomElement(using: &random) : nil
        if crash == .beforeCommit { return restart() }
        let truth = provider.byUUID
        rules.check(actions, of: event) { truth[$0] != nil }
        bench.commit(actions)
        if crash == .afterCommit { return restart() }
        if crash == .whileActing {
            bench.perform(Array(actions.prefix(Int.random(in: 0...actions.count, using: &random))))
            collect()
            return restart()
        }
        bench.perform(actions)
        collect()
        checkBooks()
        if bench.recounts > 0 {
            bench.recounts = 0
            happen(.recounted(bench.settledCounts))
        }
    }

    private mutating func restart() {
        events += 1
        wires = []
        bench.restart(after: .milliseconds(Int64.random(in: 0...90_000, using: &random)))
        if let lastStepAhead, bench.now.uptime - lastStepAhead < .seconds(180) { rules.forgetReleases() }
        let truth = provider.byUUID
        rules.check(bench.last, of: nil) { truth[$0] != nil }
        collect()
        checkBooks()
    }

    // MARK: What the machine wants

    private mutating func collect() {
        for post in bench.posts {
            rules.sent(
                post,
                onTheWire: wires.count { if case .post = $0.wire { true } else { false } },
                drained: bench.disk.drained,
                origin: bench.policy.origin,
                policy: bench.policy,
                at: bench.now.uptime
            )
            provider.take(post.uuid, at: bench.now)
            posted[post.uuid] = post.key.job
            send(.post(post), slow: 30_000)
        }
        for look in bench.looks {
            if case .one(let key) = look.request {
                rules.asked(key, runID: nil, origin: bench.policy.origin)
            }
            send(.look(look), slow: 10_000)
        }
        for poll in bench.polls {
            rules.asked(poll.key, runID: poll.runID, origin: bench.policy.origin)
            send(.poll(poll), slow: 10_000)
        }
        for fetch in bench.fetches { send(.fetch(fetch), slow: 60_000) }
        for item in bench.publications { send(.publish(item), slow: 100) }
        for _ in 0..<bench.balanceChecks { send(.balance, slow: 3000) }
        for _ in 0..<bench.outputChecks { send(.output, slow: 10) }
        if wires.count(where: { if case .fetch = $0.wire { true } else { false } })
            > JobPolicy.downloadsAtOnce
        {
            rules.report("too many downloads")
        }
        bench.posts = []
        bench.looks = []
        bench.polls = []
        bench.fetches = []
        bench.publications = []
        bench.balanceChecks = 0
        bench.outputChecks = 0
        bench.notices = []
        bench.stoppedFetches = []
        bench.removedStaging = []
        bench.removedBodies = []
    }

    private mutating func send(_ wire: Wire, slow: Int64) {
        let longest = isCalm || random.chance(0.7) ? min(slow, 300) : slow
        let pause = Duration.milliseconds(Int64.random(in: 1...longest, using: &random))
        wires.append((bench.now.uptime + pause, wire))
    }

    private func fault(_ message: String) -> JobFault {
        MachineBench.fault(.providerError, message)
    }

    private mutating func arrive(_ wire: Wire) {
        switch wire {
        case .post(let post):
            if !isCalm, outputBroken, provider.byUUID[post.uuid] == nil, random.chance(0.3) {
                return happen(.submitted(post.key, .refused(.output(fault("full")))))
            }
            happen(.submitted(post.key, provider.answer(post.uuid)))
        case .look(let look):
            var limit = 50
            if case .list(let wanted, _) = look.request { limit = wanted }
            happen(.looked(look.request, provider.recover(look.uuid, limit: limit, at: bench.now.uptime)))
        case .poll(let poll):
            happen(.polled(poll.key, provider.status(poll.runID, at: bench.now.uptime)))
        case .fetch(let fetch):
            happen(.fetched(fetch.key, item: fetch.item, fetched()))
        case .publish(let item):
            happen(.published(item.key, item: item.item, published(item)))
        case .balance: happen(.balance(provider.account()))
        case .output: happen(.outputChanged(outputBroken ? fault("read-only") : nil))
        }
    }

    private mutating func fetched() -> FetchOutcome {
        if outputBroken { return .outputUnavailable(fault("full")) }
        guard !isCalm else { return .staged(MachineBench.video) }
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4: return .interrupted(fault("reset"))
        case 4..<6: return .expired(fault("403"))
        case 6: return .rejected(fault("HTML"))
        default: return .staged(MachineBench.video)
        }
    }

    private mutating func published(_ item: MachineBench.Publication) -> PublishOutcome {
        if outputBroken { return .outputUnavailable(fault("read-only")) }
        if !isCalm, random.chance(0.05) { return .stagedFileMissing }
        if !isCalm, random.chance(0.1) { return .nameTaken }
        let file = "\(item.key.job)/\(item.key.index)/\(item.item)"
        return rules.claim(item.name, for: file) ? .published(MachineBench.output(item.name)) : .nameTaken
    }

    // MARK: The world

    private mutating func changeMood() {
        nextMood = bench.now.uptime + .seconds(Int.random(in: 5...900, using: &random))
        provider.mood = RandomProvider.Mood.allCases.randomElement(using: &random) ?? .well
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            let ahead = Int64.random(in: 1...600_000_000, using: &random)
            lastStepAhead = bench.now.uptime
            bench.now.wall = bench.now.wall + .milliseconds(ahead)
        case 1:
            bench.now.wall = bench.now.wall + .milliseconds(-Int64.random(in: 1...600_000, using: &random))
        case 2:
            outputBroken.toggle()
            happen(.outputChanged(outputBroken ? fault("read-only") : nil))
        case 3:
            let there = bench.policy.origin == MachineBench.origin && random.chance(0.5)
            bench.policy.origin = there ? MachineBench.elsewhere : MachineBench.origin
            settleOrigin(credential: random.chance(0.3))
        case 4: happen(.reconfigured(bench.policy, credential: true))
        default: break
        }
    }

    /// `api.base_url` changes by a reload, with requests on the wire, or by a new start.
    private mutating func settleOrigin(credential: Bool) {
        if random.chance(0.5) {
            happen(.reconfigured(bench.policy, credential: credential))
        } else {
            restart()
        }
    }

    private mutating func command() {
        let token = bench.token()
        let chosen = rules.jobs.keys.sorted().suffix(40).randomElement(using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55: submit(token)
        case 55..<65:
            guard let chosen else { return }
            happen(.cancel(chosen, discard: random.chance(0.5), token))
        case 65..<88:
            guard let chosen else { return }
            let stored = bench.machine.jobs[chosen] == nil ? bench.disk.jobs[chosen] : nil
            happen(.retry(chosen, acceptCharge: random.chance(0.5), stored: stored, token))
        case 88..<90:
            guard let chosen else { return }
            let stored = bench.machine.jobs[chosen] == nil ? bench.disk.jobs[chosen] : nil
            happen(.remove(chosen, stored: stored, token))
        case 90..<92:
            provider.mood = .well
            provider.take(nil, at: bench.now)
            // One of the account's other runs: whoever adopts a job's own has two jobs with one run.
            guard let run = provider.runs.last, run.uuid == nil else { return }
            happen(.adopt(bench.submission(), runID: run.id, createdAt: nil, token))
        case 92..<94: happen(.listRuns(limit: 10, token))
        case 94..<96: happen(.drain(token))
        default: happen(.resume(token))
        }
    }

    private mutating func submit(_ token: ReplyToken) {
        let key = random.chance(0.2) ? "k\(Int.random(in: 0..<30, using: &random))" : nil
        let owner = UInt32.random(in: 1000...1002, using: &random)
        let submission = bench.submission(
            owner: owner,
            key: key,
            fileName: random.chance(0.3) ? "same" : "{id}.mp4"
        )
        happen(.submit(submission, token))
        guard let key else { return }
        switch bench.replies[token.value] {
        case .success(.submitted(let job, _)): checkKey("\(owner)/\(key)", job.id)
        case .success(.submittedEarlier(let id)): checkKey("\(owner)/\(key)", id)
        default: break
        }
    }

    private mutating func checkKey(_ key: String, _ id: JobID) {
        let known = clientKeys[key] ?? id
        clientKeys[key] = id
        if known != id, rules.jobs[known] != nil { rules.report("client key \(key) stands for two jobs") }
    }

    private mutating func calmDown(_ origin: String) {
        isCalm = true
        provider.isCalm = true
        provider.mood = .well
        outputBroken = false
        bench.policy.origin = origin
        settleOrigin(credential: true)
        happen(.outputChanged(nil))
        happen(.resume(bench.token()))
    }
}
