/// A host that ssh reaches and on which `videogenctl` is installed.
public struct RemoteHost: Hashable, Sendable {
    /// What ssh is told: `host`, `user@host`, an alias of its configuration or an ssh URL.
    public let name: String
    /// The program that is run in place of `ssh`: a path, or a name on the search path.
    public let program: String
    /// The daemon's socket over there; `nil` is the one that `videogenctl` finds over there.
    public let socket: String?
    /// Whether ssh may ask for a password.
    public let mayAsk: Bool

    /// Names a host.
    ///
    /// - Parameters:
    ///   - name: What ssh is told.
    ///   - program: The program that is run; `ssh` unless told.
    ///   - socket: The daemon's socket over there.
    ///   - mayAsk: Whether ssh may ask for a password.
    public init(_ name: String, program: String = "ssh", socket: String? = nil, mayAsk: Bool = true) {
        self.name = name
        self.program = program
        self.socket = socket
        self.mayAsk = mayAsk
    }

    /// The words that run a command of `videogenctl` on the host.
    ///
    /// - Parameter words: What follows `videogenctl`.
    /// - Returns: The program with its arguments.
    public func command(_ words: [String]) -> [String] {
        let options = mayAsk ? [] : ["-oBatchMode=yes", "-oConnectTimeout=2"]
        // A shell over there takes the command apart again.
        let remote = (["videogenctl"] + words).map(ShellWord.quoted).joined(separator: " ")
        return [program, "-xT"] + options + ["--", name, remote]
    }
}
