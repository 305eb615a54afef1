import JobEngine

/// What one request of a download brought.
enum DownloadStep: Error {
    /// The download is over, well or not.
    case ended(DownloadOutcome)
    /// It goes on elsewhere.
    case redirect(String)
    /// What is there cannot be continued: once more from the start.
    case restart
    /// No connection to this address of the host.
    case notConnected(String)
}
