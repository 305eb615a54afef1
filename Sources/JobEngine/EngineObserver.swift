public import JobCore

/// Where committed state becomes visible to readers; called from the engine's loop, in order.
public protocol EngineObserver: Sendable {
    /// The journal has been read; the daemon can answer from now on.
    ///
    /// - Parameters:
    ///   - jobs: The jobs in memory.
    ///   - counts: How many jobs there are by state.
    ///   - lastID: The highest identifier that was ever given away.
    func restored(jobs: [Job], counts: [JobState.Word: Int], lastID: JobID?)

    /// A job has changed; the change is on disk.
    ///
    /// - Parameters:
    ///   - notice: What changed.
    ///   - counts: How many jobs there are by state.
    func changed(_ notice: JobNotice, counts: [JobState.Word: Int])

    /// What holds up all queued jobs has changed.
    ///
    /// - Parameters:
    ///   - reason: For people; nil when nothing does.
    ///   - drained: Whether submissions are stopped by an administrator.
    func gateChanged(reason: String?, drained: Bool)

    /// The provider refuses the API key, or accepts it again.
    ///
    /// - Parameter fault: What it says; nil when it accepts the key.
    func credentialChanged(_ fault: JobFault?)

    /// The journal takes nothing, or takes changes again.
    ///
    /// - Parameter fault: What is wrong; nil when it works.
    func journalChanged(_ fault: JobFault?)

    /// The account was looked at.
    ///
    /// - Parameters:
    ///   - balances: What it holds.
    ///   - at: When.
    func balanceChanged(_ balances: [Money], at: Timestamp)

    /// The provider answered, or did not.
    ///
    /// - Parameter fault: What went wrong; nil when it answered.
    func providerReached(_ fault: JobFault?)
}

extension EngineObserver {
    /// Does nothing: for observers that ``gateChanged(reason:drained:)`` tells enough.
    public func credentialChanged(_ fault: JobFault?) {}
}
