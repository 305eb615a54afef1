import JobCore
import JobEngine
import Synchronization

/// What `daemon.status` and the service manager's status line are made of, as one caller may see it.
struct StatusView {
    let state: String
    let holdUp: String?
    let counts: [JobState.Word: Int]
    let provider: JobBoard.Provider
    let balances: [Money]
    let balancesAsOf: Timestamp?
    let journalFault: JobFault?
    let outputFault: JobFault?
    let configurationFault: String?
    let unpublishedCount: Int
    let unpublishedMoney: [Money]

    /// - Parameters:
    ///   - board: The committed state.
    ///   - access: What the caller may see.
    ///   - finished: The caller's settled jobs by state as the journal counts them; nil without such a journal.
    init(_ board: JobBoard, _ access: Access, finished: [JobState.Word: Int]? = nil) {
        self = board.state.withLock { StatusView($0, access, finished) }
    }

    private init(_ board: JobBoard.State, _ access: Access, _ finished: [JobState.Word: Int]?) {
        state = board.stateWord
        holdUp = board.holdUp
        if access.seesAll {
            counts = board.counts
        } else {
            let settled = finished ?? board.settledByUID[access.uid] ?? [:]
            counts = settled.merging(board.unsettledByUID[access.uid] ?? [:], uniquingKeysWith: +)
        }
        provider = board.provider
        balances = board.balances
        balancesAsOf = board.balancesAsOf
        journalFault = board.journalFault
        outputFault = board.output.fault
        configurationFault = board.configurationFault
        var count = 0
        var money: [String: Int64] = [:]
        for id in board.unpublished {
            guard let job = board.jobs[id.description]?.job, access.sees(job) else { continue }
            count += 1
            for attempt in job.attempts where attempt.isOpen && !attempt.discarded {
                if let charged = attempt.cost?.charged {
                    money[charged.currency, default: 0] &+= charged.micros
                }
            }
        }
        unpublishedCount = count
        unpublishedMoney = money.sorted { $0.key < $1.key }.map { Money(micros: $0.value, currency: $0.key) }
    }

    /// The line for the service manager, as an administrator may see it.
    static func line(_ board: JobBoard) -> String {
        StatusView(board, Access(uid: 0, isAdmin: true, seesAll: true)).line
    }

    /// One line for the service manager: counts and money at risk.
    var line: String {
        var parts: [String] = []
        for word in JobState.Word.allCases where !word.endsWait || word == .held {
            if let count = counts[word], count > 0 {
                parts.append("\(count) \(word.rawValue)")
            }
        }
        var line = parts.isEmpty ? "idle" : parts.joined(separator: ", ")
        if unpublishedCount > 0 {
            let money = unpublishedMoney.map(\.description).joined(separator: " + ")
            line += "; paid and unpublished: \(unpublishedCount)\(money.isEmpty ? "" : " (\(money))")"
        }
        if !balances.isEmpty {
            line += "; balance \(balances.map(\.description).joined(separator: ", "))"
        }
        if let journalFault {
            line += "; \(journalFault.message)"
        } else if let outputFault {
            line += "; \(outputFault.message)"
        } else if let holdUp {
            line += "; \(holdUp)"
        }
        if let configurationFault {
            line += "; the configuration was refused, the old one is in force: \(configurationFault)"
        }
        return line
    }
}
