/// Something that reads what others wrote, with what has to hold whatever they wrote.
protocol FuzzTarget: SendableMetatype {
    /// Its name, and that of its directory in the corpus.
    static var name: String { get }

    /// Reads an input.
    ///
    /// - Parameter input: Any bytes.
    /// - Throws: `FuzzFinding` when something does not hold.
    static func run(_ input: [UInt8]) throws
}

/// What does not hold.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
