public import JobEngine

extension NanoGPTClient {
    /// Streams one video into a sink; redirects are followed by our own code, the key stays at the API's origin.
    ///
    /// - Parameters:
    ///   - url: Where the provider offers it, absolute or relative to the API's origin.
    ///   - sink: Takes the bytes; says how much it has already.
    /// - Returns: How it ended.
    public func download(_ url: String, into sink: any DownloadSink) async -> DownloadOutcome {
        var trip = DownloadTrip(client: self, session: session, sink: sink)
        return await trip.run(from: url)
    }
}
