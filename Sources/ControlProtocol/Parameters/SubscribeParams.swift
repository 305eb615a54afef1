import JSON

/// The parameters of `events.subscribe`.
public struct SubscribeParams: MethodParameters {
    /// Which events.
    public struct Filter: Hashable, Sendable {
        /// Only this job.
        public var id: String?
        /// Only jobs with this label.
        public var label: String?
        /// Only jobs of this user.
        public var owner: OwnerFilter?
        /// Only events of jobs in these states; empty means all.
        public var states: [String]
    }

    /// Where an earlier stream ended.
    public struct Since: Hashable, Sendable {
        /// The `epoch` of the earlier stream.
        public var epoch: String
        /// The `seq` of the last event that was seen.
        public var seq: Int
    }

    /// Which events.
    public var filter: Filter
    /// Where an earlier stream ended.
    public var since: Since?
    /// Jobs that finished within so many seconds are in the snapshot too.
    public var finishedSeconds: Int

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        let filter = reader.object("filter")
        self.filter = Filter(
            id: filter?["id"]?.stringValue,
            label: filter?["label"]?.stringValue,
            owner: OwnerFilter(filter?["owner"]),
            states: filter?["states"]?.arrayValue?.compactMap(\.stringValue) ?? []
        )
        since = reader.object("since").map {
            Since(epoch: $0["epoch"]?.stringValue ?? "", seq: $0["seq"]?.intValue ?? 0)
        }
        finishedSeconds = reader.integer("finished_s") ?? 0
    }
}
