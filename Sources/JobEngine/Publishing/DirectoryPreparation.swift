import Glibc
import JobCore

/// What is done with the two directories once, at the start; blocks.
struct DirectoryPreparation {
    let configuration: FilePublisherConfiguration
    let directories: OutputDirectories

    /// Makes and tightens.
    ///
    /// - Returns: What was put right, one sentence each.
    func perform() throws(JobFault) -> [String] {
        let output = configuration.outputDirectory
        let staging = configuration.stagingDirectory
        guard output.hasPrefix("/"), staging.hasPrefix("/") else {
            throw invalid("output.directory and output.staging_directory have to be absolute paths")
        }
        guard output != staging, !MountMemory.path(output, isBelow: staging) else {
            throw invalid("output.directory \(output) must not be or lie in the staging directory \(staging)")
        }
        do throws(SystemCallError) {
            return try prepare()
        } catch {
            guard error.number == EXDEV else {
                // The same as at run time: `condition()` tells what is wrong, and all goes on when it is put right.
                return []
            }
            throw invalid(error.message)
        }
    }

    private func invalid(_ message: String) -> JobFault {
        JobFault(
            .configInvalid,
            message,
            field: "output.staging_directory",
            hint: "set output.staging_directory to a directory beside the output directory"
        )
    }

    private func prepare() throws(SystemCallError) -> [String] {
        if configuration.createsOutputDirectory, try !exists(configuration.outputDirectory) {
            try OutputDirectories.makeDirectories(configuration.outputDirectory, mode: 0o750)
        }
        let staging = try directories.openStaging()
        var warnings: [String] = []
        try tighten(staging, &warnings)
        let quarantine = try OutputDirectories.openQuarantine(in: staging)
        try tighten(quarantine, &warnings)
        try tightenFiles(in: staging, &warnings)
        try tightenFiles(in: quarantine, &warnings)
        _ = try directories.openBoth()
        return warnings
    }

    private func exists(_ path: String) throws(SystemCallError) -> Bool {
        do throws(SystemCallError) {
            _ = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
            return true
        } catch {
            guard error.number == ENOENT else { throw error }
            return false
        }
    }

    private func tighten(_ directory: Descriptor, _ warnings: inout [String]) throws(SystemCallError) {
        let mode = try directory.status().permissions
        guard mode & 0o077 != 0 else { return }
        try directory.setMode(0o700)
        warnings.append("\(directory.path) had mode \(octal(mode)), it now has 0700")
    }

    private func tightenFiles(in directory: Descriptor, _ warnings: inout [String]) throws(SystemCallError) {
        for name in try directory.names() {
            guard let status = try directory.status(of: name), status.isRegularFile,
                status.permissions & 0o177 != 0
            else { continue }
            try directory.open(name, O_RDONLY | O_NONBLOCK).setMode(0o600)
            // What is on its way out got its public mode from us.
            if !name.hasSuffix(".video"), !name.hasSuffix(".receipt") {
                warnings.append(
                    "\(directory.path)/\(name) had mode \(octal(status.permissions)), it now has 0600"
                )
            }
        }
    }

    private func octal(_ mode: mode_t) -> String {
        let text = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }
}
