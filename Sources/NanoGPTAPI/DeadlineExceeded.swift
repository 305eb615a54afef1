/// The time for an answer was over.
struct DeadlineExceeded: Error {}
