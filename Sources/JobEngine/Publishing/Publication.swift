import Glibc
import JobCore
import Logging

/// Publishes one staged video; blocks.
///
/// May be repeated after a crash at any point within it.
/// Whether the video was moved already is read from the staging directory alone, because a consumer may have taken
/// the published files away: `NAME.moving` is made before the first rename and stays until the job is over, and
/// only our rename removes `NAME.video`. So no video and a note mean "published".
struct Publication {
    /// What is to be published.
    let plan: PublicationPlan
    /// The directories and settings.
    let context: PublishingContext

    private let names: StagingNames
    private let components: [String]

    init(_ plan: PublicationPlan, context: PublishingContext) {
        self.plan = plan
        self.context = context
        names = StagingNames(plan.key)
        components = plan.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }

    private var videoName: String {
        "\(components[components.count - 1]).\(plan.video.fileExtension)"
    }

    private var receiptName: String {
        "\(components[components.count - 1]).json"
    }

    private var result: JobOutput {
        let path = "\(context.directories.output)/\(plan.name)"
        return JobOutput(
            file: "\(path).\(plan.video.fileExtension)",
            bytes: plan.video.bytes,
            sha256: plan.video.sha256,
            receipt: "\(path).json"
        )
    }

    /// Publishes.
    func perform() -> PublishOutcome {
        // The engine makes the names; a name that leads elsewhere would be a fault of ours.
        let unsafe = components.contains { $0.isEmpty || $0 == "." || $0 == ".." || $0.utf8.contains(0) }
        let receipt = ReceiptText.bytes(plan.receipt, output: result, daemonVersion: context.daemonVersion)
        guard !unsafe, let receipt else {
            let what = unsafe ? "the name '\(plan.name)'" : "the receipt of '\(plan.name)'"
            return .outputUnavailable(JobFault(.internal, "\(what) cannot be published", charged: .yes))
        }
        do throws(SystemCallError) {
            let (output, staging) = try context.directories.openBoth()
            if try isStaged(in: staging) {
                let directory = try openSubdirectory(of: output, creating: true) ?? output
                return try move(receipt, from: staging, to: directory)
            }
            return try settle(output: output, staging: staging)
        } catch {
            return .outputUnavailable(error.outputFault(charged: .yes))
        }
    }

    private func isStaged(in staging: Descriptor) throws(SystemCallError) -> Bool {
        guard let status = try staging.status(of: names.video), status.isRegularFile else { return false }
        return status.st_size == off_t(plan.video.bytes)
    }

    // MARK: The staged video is there: nothing of it is published

    private func move(
        _ receipt: [UInt8],
        from staging: Descriptor,
        to directory: Descriptor
    ) throws(SystemCallError) -> PublishOutcome {
        let receiptIsTaken = try directory.status(of: receiptName) != nil
        let receiptIsOurs = receiptIsTaken ? try isReceiptOurs(in: directory) : false
        if try directory.status(of: videoName) != nil {
            if receiptIsOurs {
                try takeReceiptBack(from: directory, to: staging)
            }
            return .nameTaken
        }
        if receiptIsTaken, !receiptIsOurs {
            return .nameTaken
        }
        try prepare(receiptIsOurs ? nil : receipt, in: staging, for: directory)
        if !receiptIsOurs {
            guard try rename(.moveReceipt, names.receipt, from: staging, to: directory, as: receiptName)
            else { return .nameTaken }
        }
        guard try rename(.moveVideo, names.video, from: staging, to: directory, as: videoName) else {
            // Somebody took the name after we had looked.
            try takeReceiptBack(from: directory, to: staging)
            return .nameTaken
        }
        try sync(directory, staging)
        return .published(result)
    }

    /// Everything that could be seen as an event of its own happens to the files while they are still in the staging
    /// directory, and nothing stays open.
    private func prepare(
        _ receipt: [UInt8]?,
        in staging: Descriptor,
        for directory: Descriptor
    ) throws(SystemCallError) {
        if let receipt {
            try context.before(.writeReceipt)
            let file = try staging.openFile(names.receipt, creating: true)
            defer { file.close() }
            try file.setContents(receipt)
            try context.before(.syncReceipt)
            try share(file, in: directory)
            try file.sync()
        }
        try context.before(.syncVideo)
        let video = try staging.open(names.video, O_RDONLY)
        defer { video.close() }
        try share(video, in: directory)
        try video.sync()
        try context.before(.markMove)
        try staging.openFile(names.marker, creating: true).close()
    }

    /// Gives a file the group and the mode it would have, had it been made in the directory.
    private func share(_ file: Descriptor, in directory: Descriptor) throws(SystemCallError) {
        let status = try directory.status()
        if status.st_mode & S_ISGID != 0, try file.status().st_gid != status.st_gid {
            do throws(SystemCallError) {
                try file.setGroup(status.st_gid)
            } catch {
                // Only members may give a group away. The video is more important than its group.
                context.logger.warning(
                    "cannot give a published file the group of its directory",
                    metadata: ["job.id": "\(plan.key.job)", "error": "\(error.message)"]
                )
            }
        }
        try file.setMode(mode_t(context.limits.fileMode))
    }

    /// Renames without replacing; false when the name is taken.
    private func rename(
        _ effect: PublishingEffect,
        _ name: String,
        from staging: Descriptor,
        to directory: Descriptor,
        as newName: String
    ) throws(SystemCallError) -> Bool {
        do throws(SystemCallError) {
            try context.before(effect)
            try staging.renameWithoutReplacing(name, into: directory, as: newName)
            return true
        } catch {
            switch error.number {
            case EEXIST:
                return false
            case EINVAL, ENOSYS:
                throw SystemCallError(
                    number: error.number,
                    operation: "publish to",
                    path: directory.path,
                    reason: "its file system cannot rename without replacing (RENAME_NOREPLACE)"
                )
            default:
                throw SystemCallError(
                    number: error.number,
                    operation: "publish",
                    path: "\(directory.path)/\(newName)"
                )
            }
        }
    }

    private func takeReceiptBack(from directory: Descriptor, to staging: Descriptor) throws(SystemCallError) {
        try context.before(.takeReceiptBack)
        try directory.rename(receiptName, into: staging, as: names.receipt)
    }

    private func sync(_ directory: Descriptor, _ staging: Descriptor) throws(SystemCallError) {
        try context.before(.syncOutput)
        try directory.sync()
        try context.before(.syncStaging)
        try staging.sync()
    }

    // MARK: The staged video is not there: it is published, or lost

    private func settle(output: Descriptor, staging: Descriptor) throws(SystemCallError) -> PublishOutcome {
        let isGone = try staging.status(of: names.video) == nil
        let isMarked = isGone ? try staging.status(of: names.marker) != nil : false
        let directory = try openSubdirectory(of: output, creating: false)
        if let directory {
            let isPublished = isMarked ? true : try isVideoOurs(in: directory)
            guard isPublished else { return .stagedFileMissing }
            try sync(directory, staging)
            return .published(result)
        }
        guard isMarked else { return .stagedFileMissing }
        try sync(output, staging)
        return .published(result)
    }

    /// Same content under the name that the journal has for it, and no receipt that says otherwise.
    private func isVideoOurs(in directory: Descriptor) throws(SystemCallError) -> Bool {
        guard let status = try directory.status(of: videoName), status.isRegularFile,
            status.st_size == off_t(plan.video.bytes)
        else { return false }
        if try directory.status(of: receiptName) != nil, try !isReceiptOurs(in: directory) {
            return false
        }
        let video = try directory.open(videoName, O_RDONLY | O_NONBLOCK)
        return try video.sha256(length: plan.video.bytes) == plan.video.sha256
    }

    private func isReceiptOurs(in directory: Descriptor) throws(SystemCallError) -> Bool {
        guard let status = try directory.status(of: receiptName), status.isRegularFile else { return false }
        // A receipt holds one request without its media; what is larger is not ours.
        guard status.st_size <= 16 << 20 else { return false }
        let bytes = try directory.open(receiptName, O_RDONLY | O_NONBLOCK).prefix(Int(status.st_size))
        return ReceiptText.isOurs(bytes, job: plan.key.job, sha256: plan.video.sha256)
    }

    // MARK: Subdirectories

    /// Opens the directory that the files go to, one component at a time.
    ///
    /// - Returns: Nil when a subdirectory is missing and not to be made.
    private func openSubdirectory(
        of output: Descriptor,
        creating: Bool
    ) throws(SystemCallError) -> Descriptor? {
        var directory = output
        for name in components.dropLast() {
            if try directory.status(of: name) == nil {
                guard creating else { return nil }
                try context.before(.makeSubdirectory)
                do throws(SystemCallError) {
                    try directory.makeDirectory(name, mode: 0o750)
                } catch {
                    // Another publication may have made it meanwhile.
                    guard error.number == EEXIST else { throw error }
                }
                try directory.sync()
            }
            do throws(SystemCallError) {
                directory = try directory.open(name, O_RDONLY | O_DIRECTORY)
            } catch {
                // open(2): a symbolic link is ENOTDIR here, because O_DIRECTORY is given as well.
                guard error.number == ENOTDIR || error.number == ELOOP else { throw error }
                throw SystemCallError(
                    number: error.number,
                    operation: "publish to",
                    path: error.path,
                    reason: "it is not a directory of its own but a symbolic link or a file"
                )
            }
        }
        return directory
    }
}
