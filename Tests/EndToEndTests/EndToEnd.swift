import Testing

/// The real programs, each in a process of its own; one test at a time.
@Suite("End to end", .serialized)
enum EndToEnd {}
