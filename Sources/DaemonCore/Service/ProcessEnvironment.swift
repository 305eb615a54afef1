import Glibc

/// The variables that this process was started with.
public enum ProcessEnvironment {
    /// Reads all variables and blanks the API key where it stood, so that `/proc/PID/environ` does not show it.
    ///
    /// To be called once, before there are other threads.
    ///
    /// - Returns: The variables, the key included.
    public static func take() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let parts = String(cString: pointer).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            if parts.count == 2 {
                variables[String(parts[0])] = String(parts[1])
            }
            if parts.first == KeySource.environmentVariable[...] {
                let name = KeySource.environmentVariable.utf8.count + 1
                memset(pointer + name, 0, strlen(pointer + name))
            }
            entry += 1
        }
        return variables
    }
}
