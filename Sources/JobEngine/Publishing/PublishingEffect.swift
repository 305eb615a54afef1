/// The effects that the publisher has on the disk, in the order in which one video causes them.
///
/// A process can die before each of them; tests stop there and repeat the call.
public enum PublishingEffect: String, CaseIterable, Hashable, Sendable {
    /// Makes `NAME.part` where it is missing.
    case openPart
    /// Removes the resume record of what came before.
    case dropRecord
    /// Empties `NAME.part`.
    case emptyPart
    /// Writes the resume record beside `NAME.part`.
    case writeRecord
    /// Writes bytes into `NAME.part`.
    case writePart
    /// Syncs the complete `NAME.part`.
    case syncPart
    /// Renames `NAME.part` to `NAME.video`.
    case movePart
    /// Syncs the staging directory after that.
    case syncStaged
    /// Removes the resume record of the complete video.
    case removeRecord
    /// Moves a file that failed the check to quarantine.
    case moveToQuarantine
    /// Makes a subdirectory of the output directory.
    case makeSubdirectory
    /// Writes the receipt in the staging directory.
    case writeReceipt
    /// Gives the receipt its mode and syncs it.
    case syncReceipt
    /// Gives the video its mode and syncs it.
    case syncVideo
    /// Notes in the staging directory that the renames begin.
    case markMove
    /// Renames the receipt into the output directory.
    case moveReceipt
    /// Renames the video into the output directory.
    case moveVideo
    /// Syncs the output directory.
    case syncOutput
    /// Syncs the staging directory.
    case syncStaging
    /// Takes the receipt out of the output directory again, because the video's name was taken meanwhile.
    case takeReceiptBack
}

/// Asked before each effect; for tests.
///
/// It returns 0 for "go on", or the `errno` that the effect fails with. The publisher never repairs anything after
/// a failure within the same call, so that failing is to the disk what dying is.
public typealias PublishingHook = @Sendable (PublishingEffect) -> Int32
