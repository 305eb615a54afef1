public import JSON

/// A user as a filter names one.
public enum OwnerFilter: Hashable, Sendable {
    /// By number.
    case uid(UInt32)
    /// By name.
    case name(String)

    /// Reads a filter that has been checked.
    ///
    /// - Parameter value: An integer or a string; a string of digits is a number.
    public init?(_ value: JSONValue?) {
        if let uid = value?.intValue.flatMap(UInt32.init(exactly:)) {
            self = .uid(uid)
        } else if let text = value?.stringValue {
            self = UInt32(text).map(OwnerFilter.uid) ?? .name(text)
        } else {
            return nil
        }
    }
}
