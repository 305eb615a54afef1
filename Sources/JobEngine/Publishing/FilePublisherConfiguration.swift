/// Where and how videos are published.
public struct FilePublisherConfiguration: Hashable, Sendable {
    /// `output.directory`, absolute.
    public let outputDirectory: String
    /// `output.staging_directory`, absolute, on one mount with the output directory.
    public let stagingDirectory: String
    /// Whether a missing output directory is made at the start.
    ///
    /// Only for a default that nobody configured: a configured directory that is missing may be a disk that is not
    /// mounted.
    public let createsOutputDirectory: Bool
    /// Goes into the receipts.
    public let daemonVersion: String
    /// What a reload may change.
    public var limits: Limits

    /// What a reload may change.
    public struct Limits: Hashable, Sendable {
        /// `output.mode`: permission bits of published files.
        public var fileMode: UInt32
        /// `output.maximum_bytes`: one download.
        public var maximumBytes: Int64
        /// `output.minimum_free` in bytes; below it `condition()` reports a fault, downloads go on.
        public var minimumFree: Int64

        /// Makes limits.
        ///
        /// - Parameters:
        ///   - fileMode: Permission bits of published files.
        ///   - maximumBytes: The size of the largest download.
        ///   - minimumFree: Free bytes below which no new job should be submitted.
        public init(
            fileMode: UInt32 = 0o640,
            maximumBytes: Int64 = 4 << 30,
            minimumFree: Int64 = 1 << 30
        ) {
            self.fileMode = fileMode
            self.maximumBytes = maximumBytes
            self.minimumFree = minimumFree
        }
    }

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - outputDirectory: The watched directory, absolute.
    ///   - stagingDirectory: Where videos become complete, absolute.
    ///   - createsOutputDirectory: Whether a missing output directory is made at the start.
    ///   - daemonVersion: Goes into the receipts.
    ///   - limits: What a reload may change.
    public init(
        outputDirectory: String,
        stagingDirectory: String,
        createsOutputDirectory: Bool = false,
        daemonVersion: String,
        limits: Limits = Limits()
    ) {
        self.outputDirectory = Self.withoutTrailingSlash(outputDirectory)
        self.stagingDirectory = Self.withoutTrailingSlash(stagingDirectory)
        self.createsOutputDirectory = createsOutputDirectory
        self.daemonVersion = daemonVersion
        self.limits = limits
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") {
            path.removeLast()
        }
        return path
    }
}
