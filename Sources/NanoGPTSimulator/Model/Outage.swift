/// A time in which routes answer nothing but errors.
public struct Outage: Hashable, Sendable {
    /// What happens to a request.
    public enum Mode: Hashable, Sendable {
        /// An answer with this HTTP status, from 400 to 599; 502 and 504 are HTML pages.
        case status(Int)
        /// An HTML page with 200.
        case html
        /// The connection is reset.
        case reset
        /// No answer before the outage ends.
        case hang
    }

    /// What happens to a request.
    public var mode: Mode
    /// How long it lasts, in seconds; nil is until it is cleared.
    public var seconds: Double?
    /// The routes it hits; empty is all of the API, without the media server.
    public var routes: Set<Route>

    /// Makes an outage.
    ///
    /// - Parameters:
    ///   - mode: What happens to a request.
    ///   - seconds: How long it lasts; nil is until it is cleared.
    ///   - routes: The routes it hits; empty is all of the API, without the media server.
    public init(_ mode: Mode, seconds: Double? = nil, routes: Set<Route> = []) {
        self.mode = mode
        self.seconds = seconds
        self.routes = routes
    }

    func hits(_ route: Route) -> Bool {
        routes.isEmpty ? route.isAPI : routes.contains(route)
    }
}

extension Outage {
    /// Reads an outage.
    ///
    /// - Parameter value: `{"mode": "503", "seconds": 30, "routes": ["submit"]}`.
    /// - Returns: The outage; nil for the mode `none`.
    /// - Throws: ``SimulatorError`` for a value that does not fit.
    static func reading(_ value: JSONValue) throws -> Outage? {
        guard let word = value["mode"]?.fieldText else {
            throw SimulatorError(
                .invalidInput,
                "An outage needs a mode: a status from 400 to 599, html, reset, hang, none"
            )
        }
        let mode: Mode
        switch word {
        case "none": return nil
        case "html": mode = .html
        case "reset": mode = .reset
        case "hang": mode = .hang
        default:
            guard let status = Int(word), 400..<600 ~= status else {
                throw SimulatorError(.invalidInput, "\(word) is no mode of an outage")
            }
            mode = .status(status)
        }
        if value.has("seconds") {
            guard let seconds = value["seconds"]?.number, seconds >= 0, seconds < 1e9 else {
                throw SimulatorError(.invalidInput, "seconds of an outage must be a number")
            }
        }
        let routes = try (value["routes"]?.elements ?? []).map { element in
            guard let route = element.string.flatMap({ Route(rawValue: $0) }), route != .control else {
                throw SimulatorError(.invalidInput, "\(element.string ?? "?") is no route")
            }
            return route
        }
        return Outage(mode, seconds: value["seconds"]?.number, routes: Set(routes))
    }

    /// The outage as JSON.
    var json: JSONValue {
        let word: String =
            switch mode {
            case .status(let code): String(code)
            case .html: "html"
            case .reset: "reset"
            case .hang: "hang"
            }
        return .members([
            "mode": .string(word),
            "seconds": seconds.map { .number($0) },
            "routes": .array(routes.map(\.rawValue).sorted().map { .string($0) }),
        ])
    }
}
