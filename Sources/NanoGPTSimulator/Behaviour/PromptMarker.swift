/// The markers `[[simulate: ...]]` in prompts.
enum PromptMarker {
    /// Reads all markers of a prompt.
    ///
    /// - Parameter prompt: Any text.
    /// - Returns: The behaviours of all markers together; empty without a marker.
    /// - Throws: ``SimulatorError`` for an unknown name or a bad value, so that a slip of the pen does not pass
    ///   as a normal job.
    static func behaviours(in prompt: String) throws -> BehaviourSet {
        var behaviours = BehaviourSet()
        guard prompt.contains("[[") else { return behaviours }
        var rest = Substring(prompt)
        while let opening = rest.firstRange(of: "[[") {
            rest = rest[opening.upperBound...]
            guard let closing = rest.firstRange(of: "]]") else { break }
            let inside = rest[..<closing.lowerBound].trimmed
            guard inside.lowercased().hasPrefix("simulate:") else { continue }
            behaviours.merge(try BehaviourSet(parsing: inside.dropFirst("simulate:".count)))
            rest = rest[closing.upperBound...]
        }
        return behaviours
    }
}
