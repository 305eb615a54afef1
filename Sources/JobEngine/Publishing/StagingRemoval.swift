import Glibc
import JobCore
import Logging

/// Removes files of jobs that are over from the staging directory; blocks.
struct StagingRemoval {
    let context: PublishingContext

    /// Removes the files of the jobs that are chosen; names that are not ours, and the quarantine, stay.
    func perform(where isOver: (JobID) -> Bool) {
        context.cutOffs.forget(where: isOver)
        do throws(SystemCallError) {
            let staging = try context.directories.openStaging()
            for name in try staging.names() {
                guard let job = StagingNames.job(of: name), isOver(job) else { continue }
                try remove(name, of: job, in: staging)
            }
        } catch {
            // A directory that is not there holds nothing to be removed; the next start looks again.
            context.logger.debug(
                "cannot look for left-overs in the staging directory",
                metadata: ["error": "\(error.message)"]
            )
        }
    }

    private func remove(_ name: String, of job: JobID, in staging: Descriptor) throws(SystemCallError) {
        do throws(SystemCallError) {
            try staging.remove(name)
        } catch {
            // One file must not keep the others; the next start looks again.
            context.logger.warning(
                "cannot remove a left-over from the staging directory",
                metadata: ["job.id": "\(job)", "error": "\(error.message)"]
            )
        }
    }
}
