import Glibc

/// The system's user database.
enum Users {
    /// The number of a user.
    ///
    /// - Parameter name: The user's name.
    /// - Returns: The number, or nil for an unknown name.
    static func uid(of name: String) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }
}
