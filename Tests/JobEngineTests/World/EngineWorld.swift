import JobCore
import JobEngine
import TestSupport

/// The engine, its journal, its publisher, a provider, clients, two clocks and bad luck, all from one seed.
final class EngineWorld {
    let seed: UInt64
    let bench: EngineBench
    let mood: WorldMood
    let ledger = WorldLedger()
    private var random: SplitMix64
    /// How often a person asked for a job to be bought.
    private(set) var wishes: [JobID: Int] = [:]
    private(set) var removed: Set<JobID> = []
    private(set) var discarded: Set<JobID> = []
    private(set) var steps = 0
    /// When submissions were sent lately, uptime.
    var submissions: [Duration] = []
    private(set) var knowsTimes = true

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        var policy = JobPolicy(origin: EngineBench.origin)
        policy.submitPerMinute = [1, 3, 50][random.next(below: 3)]
        policy.requestsPerSecond = [1, 3, 25][random.next(below: 3)]
        policy.maximumActive = [1, 5, 1000][random.next(below: 3)]
        policy.keepFinished = .seconds(4000 * 86_400)
        // A question each second teaches nothing that one every few seconds does not.
        policy.pollingMinimum = .seconds(4)
        policy.giveUpAfter = .seconds([120, 86_400][random.next(below: 2)])
        bench = EngineBench(seed: seed, shuffled: true, policy: policy)
        mood = WorldMood(seed: seed &+ 1)
        let ledger = ledger
        bench.provider.script = mood.script { ledger.sent($0) }
    }

    var problems: [String] {
        ledger.problems
    }

    // MARK: Running

    func run(steps limit: Int) {
        start()
        for _ in 0..<limit where problems.isEmpty {
            step()
        }
        calmDown()
        let isAtRest = bench.advance(upTo: .seconds(3 * 86_400)) { hasTrouble || self.isAtRest }
        bench.advance(by: .seconds(1))
        checkProcess()
        checkEnd(isAtRest)
        // Tasks that wait for ever would keep the whole world.
        bench.kill()
    }

    private func start() {
        ledger.follow(bench.journal)
        bench.start()
    }

    private var hasTrouble: Bool {
        if bench.hasSpun {
            ledger.report("the engine runs in circles")
        }
        if bench.clock.sleeperCount > 300 {
            ledger.report("\(bench.clock.sleeperCount) tasks sleep")
        }
        return !problems.isEmpty
    }

    private func step() {
        steps += 1
        bench.advance(by: .milliseconds(random.next(below: random.chance(0.1) ? 600_000 : 15_000)))
        switch random.next(below: 100) {
        case 0..<50: submitOrAsk()
        case 50..<62: command()
        case 62..<72: mood.change()
        case 72..<80: crash()
        case 80..<84: stop()
        case 84..<88: setClock()
        case 88..<94: breakDisk()
        default: failCommits()
        }
        _ = hasTrouble
    }

    // MARK: Clients

    private func submitOrAsk() {
        let submission = bench.submission(
            owner: UInt32(1000 + random.next(below: 3)),
            fileName: random.chance(0.3) ? "same" : "{id}.mp4"
        )
        wishes[submission.id] = 1
        bench.call { .submit(submission, $0) }
    }

    private func command() {
        let known = wishes.keys.sorted().suffix(12)
        guard !known.isEmpty else { return }
        let id = known[known.startIndex + random.next(below: known.count)]
        switch random.next(below: 10) {
        case 0, 1:
            let discard = random.chance(0.5)
            if discard { discarded.insert(id) }
            bench.call { .cancel(id, discard: discard, $0) }
        case 2..<7:
            let accept = random.chance(0.6)
            // As long as it is not known that the retry was refused, it may have been a wish.
            if accept || bench.job(id)?.currentAttempt?.charged != .unknown { wishes[id, default: 0] += 1 }
            bench.call { .retry(id, acceptCharge: accept, stored: nil, $0) }
        case 7:
            let reply = bench.call { .remove(id, stored: nil, $0) }
            if reply.value?.fault == nil { removed.insert(id) }
        case 8: bench.call { .listRuns(limit: 10, $0) }
        default:
            bench.call { .drain($0) }
            bench.advance(by: .seconds(random.next(below: 100)))
            bench.call { .resume($0) }
        }
    }

    // MARK: Bad luck

    private func crash() {
        if random.chance(0.3) {
            bench.journal.holdCommits()
            submitOrAsk()
            bench.advance(by: .milliseconds(random.next(below: 2000)))
        }
        bench.kill(after: random.next(below: 40), landing: random.next(below: 2))
        checkProcess()
        bench.clock.advance(by: .milliseconds(random.next(below: 90_000)))
        start()
    }

    private func stop() {
        bench.stop()
        if !bench.advance(upTo: .seconds(31), until: { bench.hasEnded }) {
            ledger.report("a stop took longer than 31 s")
        }
        bench.kill()
        checkProcess()
        bench.clock.advance(by: .milliseconds(random.next(below: 90_000)))
        start()
    }

    private func setClock() {
        let isAhead = random.chance(0.5)
        bench.wall.step(by: .seconds(isAhead ? random.next(below: 600_000) : -random.next(below: 600)))
        forgetSubmissions()
    }

    /// The clock was set: a process that follows cannot know when what was sent.
    private func forgetSubmissions() {
        checkProcess()
        submissions = []
    }

    private func breakDisk() {
        let fault = JobFault(.outputNoSpace, "full")
        bench.publisher.setFault(random.chance(0.3) ? fault : nil)
        bench.publisher.setQuotaFault(random.chance(0.3) ? fault : nil)
        if random.chance(0.5) {
            bench.engine?.notify(.outputChanged(nil))
        }
    }

    private func failCommits() {
        // An intent that waited for the disk is older than its request: a process that follows cannot know that.
        knowsTimes = false
        bench.journal.failNextCommits(1 + random.next(below: 6), with: JobFault(.stateUnavailable, "full"))
    }

    private func calmDown() {
        mood.calmDown()
        bench.publisher.setFault(nil)
        bench.publisher.setQuotaFault(nil)
        if random.chance(0.5) {
            crash()
        }
        bench.call { .resume($0) }
        bench.engine?.notify(.reconfigured(bench.configuration.policy, credential: true))
    }
}
