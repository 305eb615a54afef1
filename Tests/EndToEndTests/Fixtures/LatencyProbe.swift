import ControlClient
import Glibc
import JSON

/// Asks the daemon something small again and again, and notes how long the answers take.
final class LatencyProbe {
    private let connection: RawConnection
    private(set) var times: [Duration] = []

    init(_ socket: String) throws {
        connection = try RawConnection(socket)
    }

    /// Asks once.
    func ask() throws {
        let start = SystemTime.monotonic
        let answer = try connection.ask(requestLine("daemon.info"))
        times.append(SystemTime.monotonic - start)
        guard answer["result"]?["name"] == "videogend" else { throw EndToEndError(answer.text) }
    }

    /// The longest answer.
    var longest: Duration {
        times.max() ?? .zero
    }

    /// The middle one.
    var median: Duration {
        times.isEmpty ? .zero : times.sorted()[times.count / 2]
    }
}
