/// Why a scripted daemon does not start.
public struct ScriptedDaemonError: Error, Sendable {
    /// The call that failed.
    public let call: String
    /// Its errno.
    public let number: Int32
}
