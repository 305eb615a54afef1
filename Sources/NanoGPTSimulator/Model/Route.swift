/// The routes that requests are counted by and that outages name.
public enum Route: String, CaseIterable, Hashable, Sendable {
    case submit, status, recover, extend, content, catalogue, balance, subscription, usage, media, control,
        unknown
    case legacyStatus = "legacy-status"
    case requestBilling = "request-billing"

    /// Whether the route is part of the API, and not of the media server or the control endpoints.
    var isAPI: Bool { self != .media && self != .control }
}
