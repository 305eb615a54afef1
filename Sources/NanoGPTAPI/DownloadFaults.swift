import JobCore
import JobEngine
import NIOHTTP1

/// The words for downloads that end badly; the run is paid in any case.
///
/// Messages name origins only: paths and queries of result links are signatures.
struct DownloadFaults: Sendable {
    /// What is needed to read answers.
    let context: AnswerContext

    func refused(_ message: String) -> DownloadOutcome {
        .refused(fault(message, nil))
    }

    func interrupted(_ message: String, _ head: HTTPResponseHead? = nil) -> DownloadOutcome {
        .interrupted(fault(message, head))
    }

    func expired(_ message: String, _ head: HTTPResponseHead) -> DownloadOutcome {
        .expired(fault(message, head))
    }

    private func fault(_ message: String, _ head: HTTPResponseHead?) -> JobFault {
        var fault = JobFault(.providerError, message, charged: .yes, retryable: true)
        fault.httpStatus = head.map { Int($0.status.code) }
        fault.requestID = head.flatMap { head in
            context.requestID(of: HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: []))
        }
        return fault
    }
}
