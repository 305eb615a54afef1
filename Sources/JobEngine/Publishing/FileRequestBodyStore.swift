import Glibc
public import JobCore
public import Logging

/// Keeps request bodies as files `bodies/ID.json` in the state directory.
public final class FileRequestBodyStore: RequestBodyStore {
    private static let directoryName = "bodies"
    private static let suffix = ".json"
    private static let temporarySuffix = ".new"

    private let directory: Descriptor
    private let capacity: BodyCapacity
    private let worker = FileWorker(label: "videogend.bodies", limit: 4)
    private let logger: Logger
    /// What was put right at the start, one sentence each.
    public let warnings: [String]

    private init(directory: Descriptor, capacity: BodyCapacity, warnings: [String], logger: Logger) {
        self.directory = directory
        self.capacity = capacity
        self.warnings = warnings
        self.logger = logger
    }

    /// Opens the store, makes it where it is missing, and counts what is there.
    ///
    /// - Parameters:
    ///   - stateDirectory: `state.directory`, absolute; it has to exist.
    ///   - maximumBytes: `state.media_bytes`.
    ///   - logger: For files that cannot be removed.
    /// - Returns: The store.
    /// - Throws: `JobFault` `state.unavailable`.
    public static func open(
        stateDirectory: String,
        maximumBytes: Int64,
        logger: Logger
    ) async throws(JobFault) -> FileRequestBodyStore {
        let worker = FileWorker(label: "videogend.bodies.open", limit: 1)
        return try await worker.run { () throws(JobFault) in
            try state { () throws(SystemCallError) in
                try openNow(stateDirectory, maximumBytes, logger)
            }
        }
    }

    private static func openNow(
        _ stateDirectory: String,
        _ maximumBytes: Int64,
        _ logger: Logger
    ) throws(SystemCallError) -> FileRequestBodyStore {
        let parent = try Descriptor.open(stateDirectory, O_RDONLY | O_DIRECTORY)
        if try parent.status(of: directoryName) == nil {
            try parent.makeDirectory(directoryName, mode: 0o700)
            try parent.sync()
        }
        let directory = try parent.open(directoryName, O_RDONLY | O_DIRECTORY)
        var warnings: [String] = []
        let mode = try directory.status().permissions
        if mode != 0o700 {
            try directory.setMode(0o700)
            if mode & 0o077 != 0 {
                warnings.append("\(directory.path) was open to others, it now has mode 0700")
            }
        }
        var present: [JobID: Int] = [:]
        for name in try directory.names() {
            if name.hasSuffix(temporarySuffix) {
                // A crash came before the rename: the job was never accepted.
                try directory.remove(name)
                continue
            }
            guard let job = job(of: name), let status = try directory.status(of: name), status.isRegularFile
            else { continue }
            present[job] = Int(status.st_size)
            if status.permissions & 0o177 != 0 {
                try directory.open(name, O_RDONLY | O_NONBLOCK).setMode(0o600)
                warnings.append("\(directory.path)/\(name) was open to others, it now has mode 0600")
            }
        }
        return FileRequestBodyStore(
            directory: directory,
            capacity: BodyCapacity(maximum: maximumBytes, present: present),
            warnings: warnings,
            logger: logger
        )
    }

    /// How many bytes are counted against `state.media_bytes`.
    public var countedBytes: Int {
        capacity.total
    }

    /// Writes a body and syncs it.
    public func store(_ body: [UInt8], for job: JobID) async throws(JobFault) {
        let before = try capacity.reserve(body.count, for: job)
        do throws(JobFault) {
            try await worker.run { [directory] () throws(JobFault) in
                try Self.state { () throws(SystemCallError) in
                    try Self.write(body, Self.name(of: job), in: directory)
                }
            }
        } catch {
            capacity.restore(before, for: job)
            throw error
        }
    }

    private static func write(
        _ body: [UInt8],
        _ name: String,
        in directory: Descriptor
    ) throws(SystemCallError) {
        let temporary = name + temporarySuffix
        do throws(SystemCallError) {
            let file = try directory.openFile(temporary, creating: true)
            defer { file.close() }
            try file.setContents(body)
            try file.sync()
            try directory.rename(temporary, into: directory, as: name)
            try directory.sync()
        } catch {
            // On a full disk its bytes are needed; what cannot be removed now is removed at the next start.
            try? directory.remove(temporary)
            throw error
        }
    }

    /// Reads a body.
    public func load(for job: JobID) async throws(JobFault) -> [UInt8] {
        try await worker.run { [directory] () throws(JobFault) in
            try Self.state { () throws(SystemCallError) in
                let file = try directory.openFile(Self.name(of: job), creating: false)
                return try file.prefix(Int(file.status().st_size))
            }
        }
    }

    /// Removes a body.
    public func remove(for job: JobID) async {
        let isRemoved = await worker.run { [directory, logger] in
            do throws(SystemCallError) {
                try directory.remove(Self.name(of: job))
                return true
            } catch {
                // The file stays counted; the next start removes it.
                logger.warning(
                    "cannot remove a request body",
                    metadata: ["job.id": "\(job)", "error": "\(error.message)"]
                )
                return false
            }
        }
        if isRemoved {
            capacity.restore(nil, for: job)
        }
    }

    /// The jobs that have a body here.
    public func stored() async -> Set<JobID> {
        Set(capacity.jobs)
    }

    private static func name(of job: JobID) -> String {
        "\(job)\(suffix)"
    }

    private static func job(of name: String) -> JobID? {
        name.hasSuffix(suffix) ? JobID(String(name.dropLast(suffix.count))) : nil
    }

    /// Runs file calls whose failure means that the state directory is not usable.
    private static func state<Value>(
        _ body: () throws(SystemCallError) -> Value
    ) throws(JobFault) -> Value {
        do throws(SystemCallError) {
            return try body()
        } catch {
            throw error.stateFault()
        }
    }
}
