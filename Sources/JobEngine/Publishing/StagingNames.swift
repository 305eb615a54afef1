import JobCore

/// The names in the staging directory that belong to one video.
struct StagingNames: Hashable {
    /// What has come so far.
    let part: String
    /// The complete and checked video.
    let video: String
    /// What is needed to go on with `part`.
    let record: String
    /// The receipt before it is published.
    let receipt: String
    /// Says that renaming to the output directory was begun; see `Publication`.
    let marker: String

    init(_ key: StagingKey) {
        part = key.name + ".part"
        video = key.name + ".video"
        record = key.name + ".json"
        receipt = key.name + ".receipt"
        marker = key.name + ".moving"
    }

    /// The job that a name in the staging directory belongs to; nil when the name is not one of ours.
    static func job(of name: String) -> JobID? {
        guard let dash = name.firstIndex(of: "-") else { return nil }
        return JobID(String(name[..<dash]))
    }
}
