/// Every method of the control protocol.
///
/// The order is that of the published table and of `daemon.info.methods`.
public enum ControlMethod: String, Hashable, Sendable, CaseIterable {
    /// Who the daemon is and who the caller is.
    case daemonInfo = "daemon.info"
    /// How the daemon is.
    case daemonStatus = "daemon.status"
    /// Stops sending submissions.
    case daemonDrain = "daemon.drain"
    /// Starts sending submissions again.
    case daemonResume = "daemon.resume"
    /// Reads the configuration again.
    case daemonReload = "daemon.reload"
    /// The OpenRPC document.
    case rpcDiscover = "rpc.discover"
    /// Validates a submission.
    case jobsCheck = "jobs.check"
    /// Submits a job.
    case jobsSubmit = "jobs.submit"
    /// One job.
    case jobsGet = "jobs.get"
    /// Many jobs.
    case jobsList = "jobs.list"
    /// Waits for the end of a job.
    case jobsWait = "jobs.wait"
    /// Cancels a job.
    case jobsCancel = "jobs.cancel"
    /// Goes on with a job that stopped.
    case jobsRetry = "jobs.retry"
    /// Forgets a job.
    case jobsRemove = "jobs.remove"
    /// Extends a finished run.
    case jobsExtend = "jobs.extend"
    /// Runs at the provider.
    case runsList = "runs.list"
    /// Follows a run as a job.
    case runsAdopt = "runs.adopt"
    /// Copies the journal.
    case stateBackup = "state.backup"
    /// Starts a stream of events.
    case eventsSubscribe = "events.subscribe"
    /// Ends a stream of events.
    case eventsUnsubscribe = "events.unsubscribe"
    /// The catalogue.
    case modelsList = "models.list"
    /// One model.
    case modelsGet = "models.get"
    /// The account's balances.
    case accountBalance = "account.balance"

    /// Finds a method by the bytes of its name, without making a string.
    ///
    /// - Parameter name: The name as UTF-8, unescaped.
    /// - Returns: The method, nil for an unknown name.
    public static func named(_ name: UnsafeBufferPointer<UInt8>) -> ControlMethod? {
        MethodTable.shared.find(name)
    }

    /// Everything that is known about the method.
    public var description: MethodDescription {
        MethodDescription.table[MethodTable.shared.index(of: self)]
    }
}

/// Finds methods by the bytes of their names: an open-addressed table that is built once.
struct MethodTable: Sendable {
    static let shared = MethodTable()

    private let methods = ControlMethod.allCases
    private let names: [[UInt8]] = ControlMethod.allCases.map { Array($0.rawValue.utf8) }
    /// The index of a method plus one, 0 for an empty place.
    private var slots = [UInt8](repeating: 0, count: 256)
    private var indices: [ControlMethod: Int] = [:]

    private init() {
        for (index, name) in names.enumerated() {
            var slot = name.withUnsafeBufferPointer { Self.hash($0) }
            while slots[slot] != 0 {
                slot = (slot + 1) & 255
            }
            slots[slot] = UInt8(index + 1)
            indices[methods[index]] = index
        }
    }

    func index(of method: ControlMethod) -> Int {
        indices[method] ?? 0
    }

    func find(_ name: UnsafeBufferPointer<UInt8>) -> ControlMethod? {
        guard name.count >= 8, name.count <= 32 else { return nil }
        var slot = Self.hash(name)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if names[index].count == name.count, names[index].elementsEqual(name) {
                return methods[index]
            }
            slot = (slot + 1) & 255
        }
        return nil
    }

    /// FNV-1a; the names are ours, so nobody can choose colliding ones.
    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        var value: UInt32 = 2_166_136_261
        for byte in name {
            value = (value ^ UInt32(byte)) &* 16_777_619
        }
        return Int((value ^ value >> 16) & 255)
    }
}
