import Glibc
import JobCore

/// Where downloads go that are no videos: they are paid, so they are kept for people to look at.
enum Quarantine {
    /// Moves a staging file to the quarantine under a name that is free.
    ///
    /// - Returns: The absolute path that it has then.
    static func move(
        _ name: String,
        of key: StagingKey,
        in staging: Descriptor,
        context: PublishingContext
    ) throws(SystemCallError) -> String {
        let quarantine = try OutputDirectories.openQuarantine(in: staging)
        try context.before(.moveToQuarantine)
        var number = 1
        while true {
            let newName = "\(key.name)-\(number).bin"
            number += 1
            // Nobody else writes here, so looking first is as good as a rename that never replaces, and works on
            // every file system.
            guard try quarantine.status(of: newName) == nil else { continue }
            try staging.rename(name, into: quarantine, as: newName)
            try staging.remove(StagingNames(key).record)
            try quarantine.sync()
            try staging.sync()
            return "\(quarantine.path)/\(newName)"
        }
    }

    /// The fault of a download that failed the check.
    ///
    /// - Parameters:
    ///   - reason: Words that go after "the download".
    ///   - place: The absolute path that it has now.
    /// - Returns: The error to throw.
    static func rejection(_ reason: String, place: String) -> DownloadSinkError {
        .rejected(
            JobFault(
                .outputRejected,
                "the download \(reason); it is kept as \(place)",
                charged: .yes,
                hint: "look at the file; jobs.retry fetches the video again without paying again"
            )
        )
    }
}
