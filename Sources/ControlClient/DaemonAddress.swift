/// Where a daemon is: behind a socket of this machine, or on another host.
public enum DaemonAddress: Hashable, Sendable, CustomStringConvertible {
    /// A socket's path.
    case socket(String)
    /// A host that ssh reaches.
    case host(RemoteHost)

    /// The path, or the name of the host, for messages.
    public var description: String {
        switch self {
        case .socket(let path): path
        case .host(let host): host.name
        }
    }
}
