import ArgumentParser

/// A time that was given as a time ago or as a date.
enum PointInTime: ExpressibleByArgument {
    case ago(Duration)
    case at(Int64)

    init?(argument: String) {
        if let time = TimeText.milliseconds(argument) {
            self = .at(time)
        } else if let ago = DurationArgument(argument: argument) {
            self = .ago(ago.duration)
        } else {
            return nil
        }
    }

    /// Milliseconds since 1970.
    func milliseconds(now: Int64) -> Int64 {
        switch self {
        case .ago(let duration): now - duration.components.seconds * 1000
        case .at(let time): time
        }
    }
}
