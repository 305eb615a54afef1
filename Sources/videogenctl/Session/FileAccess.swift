import Glibc

/// What to do about files that this user cannot reach.
enum FileAccess {
    /// Names the group that somebody has to be in to reach a file, its directory or a socket.
    ///
    /// - Parameter path: What cannot be reached.
    /// - Returns: A sentence; the group of the outermost directory that keeps this user out counts.
    static func advice(toRead path: String) -> String {
        guard let barrier = barrier(path), let group = group(of: barrier) else {
            return "Ask its administrator for permission."
        }
        let user = userName
        if isMember(user, of: group) {
            return "You were added to the group \(group) after you logged in: log in again."
        }
        return "\(barrier) belongs to the group \(group); an administrator adds you to it with "
            + "`usermod -aG \(group) \(user)`, then log in again."
    }

    /// The name of this user.
    static var userName: String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? String(geteuid())
    }

    /// The first directory on the way that cannot be entered, else the file itself.
    private static func barrier(_ path: String) -> String? {
        guard path.hasPrefix("/") else { return nil }
        var directory = ""
        for name in path.split(separator: "/").dropLast() {
            directory += "/" + name
            if access(directory, X_OK) != 0 {
                return errno == EACCES ? directory : nil
            }
        }
        return path
    }

    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, let entry = getgrgid(status.st_gid) else { return nil }
        return String(cString: entry.pointee.gr_name)
    }

    private static func isMember(_ user: String, of group: String) -> Bool {
        guard let entry = getgrnam(group), var member = entry.pointee.gr_mem else { return false }
        while let name = member.pointee {
            if String(cString: name) == user {
                return true
            }
            member += 1
        }
        return false
    }
}
