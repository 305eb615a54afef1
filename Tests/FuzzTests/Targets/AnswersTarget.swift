import JobCore
import JobEngine
import NIOHTTP1

@testable import NanoGPTAPI

/// The decoders of the provider's answers: any answer is an outcome, in words that are bounded and hold no key.
///
/// The first line of the input is a status and what was asked, the rest the body: `200 status`, line feed, `{…}`.
enum AnswersTarget: FuzzTarget {
    static let name = "answers"

    private static let key = "sk-nano-3a5f7c9e-0000-4000-8000-000000000001"
    private static let statuses = [200, 202, 400, 401, 402, 403, 404, 408, 413, 429, 500, 503, 302]

    static func run(_ input: [UInt8]) throws {
        let end = input.firstIndex(of: 0x0A) ?? 0
        let head = String(decoding: input[..<end], as: UTF8.self).split(separator: " ")
        let status = head.first.flatMap { Int($0) } ?? statuses[Int(input.first ?? 0) % statuses.count]
        let asked = head.count > 1 ? String(head[1]) : ""
        let body = Array(input[end...].dropFirst())
        guard let address = WebAddress("https://nano-gpt.com"), let key = try? APIKey(key) else {
            throw FuzzFinding("the address or the key of the test is not usable")
        }
        let context = AnswerContext(
            origin: address.origin,
            redactor: WordsRedactor(key: key),
            now: Timestamp(milliseconds: 1_780_000_000_000)
        )
        let answer = HTTPAnswer(
            status: status,
            headers: ["content-type": body.first == UInt8(ascii: "<") ? "text/html" : "application/json"],
            body: body
        )
        var words: [String?] = []
        switch asked {
        case "submission":
            let outcome = SubmissionDecoder(context: context).outcome(of: answer)
            switch outcome {
            case .rejected(let fault):
                guard (400...499).contains(status) else { throw FuzzFinding("status \(status) rejects") }
                words.append(fault.message)
            case .refused where (200...299).contains(status):
                throw FuzzFinding("status \(status) refuses: \(outcome)")
            case .unknown(let fault): words.append(fault.message)
            default: break
            }
        case "runs": _ = AccountDecoder(context: context).look(answer)
        case "balance": _ = AccountDecoder(context: context).balance(answer)
        case "models": words = [AccountDecoder(context: context).modelsFault(answer).message]
        default:
            switch StatusDecoder(context: context).outcome(of: answer) {
            case .unavailable(let fault), .missing(let fault), .unauthorized(let fault):
                words.append(fault.message)
            default: break
            }
        }
        let envelope = ProviderErrorEnvelope(answer, redactor: context.redactor)
        words += [envelope.words, envelope.userMessage, envelope.refundMessage]
        for text in [envelope.words, envelope.userMessage, envelope.refundMessage].compactMap(\.self) {
            guard text.utf8.count <= 1100 else { throw FuzzFinding("\(text.utf8.count) bytes of words") }
        }
        if let text = words.compactMap(\.self).first(where: { $0.contains(Self.key) }) {
            throw FuzzFinding("the key is in: \(text)")
        }
    }
}
