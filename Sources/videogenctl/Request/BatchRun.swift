import ControlClient
import Glibc
import JSON

/// Submits or checks one request for each line of a file, several at a time.
struct BatchRun {
    /// How many calls are under way at once: enough to share the daemon's writes to disk, and below the 64
    /// that a connection may have (CONTRACT section 3, "Limits").
    private static let window = 48

    /// One line under way.
    private struct Item {
        let number: Int
        let key: String
        let params: JSONObject
    }

    private let session: Session
    private let builder: RequestBuilder
    private let method: String
    private let keyPrefix: String
    private let source: BatchFile
    private let notes: TextStream?
    private var backlog: [Item] = []
    private var underWay: [ControlClient.PendingCall: Item] = [:]
    private var statuses: [CommandStatus] = []
    private var accepted: [(id: String, result: JSONObject)] = []
    private var known = 0

    // MARK: Commands

    /// Submits, and waits if that was asked for.
    static func submit(
        session: Session,
        options: RequestOptions,
        waiting: WaitOptions
    ) throws -> CommandStatus {
        // Where nobody answers there is no run to go on with.
        _ = try session.client()
        var run = try BatchRun(
            session: session,
            options: options,
            method: "jobs.submit",
            printsResults: !waiting.wait
        )
        do {
            try run.go()
        } catch {
            run.tellHowToGoOn()
            throw error
        }
        if !waiting.quiet {
            run.tellSummary("accepted")
        }
        guard waiting.wait else { return CommandStatus.worst(of: run.statuses) }
        let end = try JobEnd(session: session, quiet: waiting.quiet, timeout: waiting.timeout?.duration)
            .wait(for: run.accepted)
        return CommandStatus.worst(of: run.statuses + [end])
    }

    /// Checks.
    static func check(session: Session, options: RequestOptions) throws -> CommandStatus {
        var run = try BatchRun(session: session, options: options, method: "jobs.check", printsResults: true)
        try run.go()
        run.tellSummary("good")
        return CommandStatus.worst(of: run.statuses)
    }

    /// Whether each result is printed as it comes.
    private let printsResults: Bool

    private init(
        session: Session,
        options: RequestOptions,
        method: String,
        printsResults: Bool
    ) throws(CommandFailure) {
        self.session = session
        self.method = method
        self.printsResults = printsResults
        builder = RequestBuilder(session: session, options: options)
        keyPrefix = options.key ?? ClientKey.make()
        let path = options.batch ?? "-"
        source = try BatchFile(path)
        notes = try Self.notes(options, path, method)
    }

    /// Opens the file that says what became of each line.
    private static func notes(
        _ options: RequestOptions,
        _ path: String,
        _ method: String
    ) throws(CommandFailure) -> TextStream? {
        let isDefault = options.results == nil
        guard !isDefault || method == "jobs.submit" && path != "-" else { return nil }
        let name = options.results ?? path + ".results.jsonl"
        // Submitting a file for the second time by accident would pay for all of it again.
        let mustBeNew = isDefault && options.key == nil
        let descriptor = open(
            name,
            O_WRONLY | O_CREAT | O_CLOEXEC | (mustBeNew ? O_EXCL : O_TRUNC),
            0o644
        )
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw CommandFailure(
                    .usage,
                    "\(name) says that this file was submitted before.",
                    hint: earlierKey(name).map {
                        "Go on with that run by --key \($0), or start a new one by --results and another name."
                    } ?? "Start a new run by --results and another name."
                )
            }
            let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
            throw CommandFailure(.usage, "\(name) cannot be written: \(reason).")
        }
        return TextStream(descriptor: descriptor, color: .never, environment: { _ in nil })
    }

    /// The key that an earlier run gave to its lines, before the number of each.
    private static func earlierKey(_ results: String) -> String? {
        do {
            let start = String(
                decoding: try FileReader.bytes(results, limit: 4096).prefix(4096),
                as: UTF8.self
            )
            for line in start.split(separator: "\n") {
                guard let key = try JSONParser.parse(String(line))["client_key"]?.stringValue,
                    let dash = key.lastIndex(of: "-"), Int(key[key.index(after: dash)...]) != nil
                else { continue }
                return String(key[..<dash])
            }
        } catch {
            // A file that cannot be read names no key; the advice does without it.
        }
        return nil
    }

    // MARK: Running

    private mutating func go() throws {
        defer { notes?.flush() }
        var cuts = 0
        while true {
            do {
                try fill()
                guard !underWay.isEmpty else { break }
                guard
                    let (call, result) = try session.client().firstResult(
                        of: underWay.keys,
                        until: SystemTime.monotonic + Session.callTimeout
                    )
                else {
                    throw CommandFailure(.maybePaid, "The daemon does not answer any more.")
                }
                cuts = 0
                if let item = underWay.removeValue(forKey: call) {
                    take(result, item)
                }
            } catch let error as ControlClientError where error.code == .disconnected && cuts < 5 {
                cuts += 1
                // Their keys make it safe to send them again.
                backlog = underWay.values.sorted { $0.number < $1.number } + backlog
                underWay = [:]
                _ = try session.reconnect(patience: Submission.patience)
            }
        }
    }

    private mutating func fill() throws {
        while underWay.count < Self.window {
            if backlog.isEmpty, let item = try nextItem() {
                backlog.append(item)
            }
            guard let item = backlog.first else { return }
            do throws(ControlClientError) {
                let call = try session.client().start(method, item.params, timeout: Session.callTimeout)
                underWay[call] = item
            } catch {
                guard error.code == .lineTooLong else { throw error }
                take(.failure(error), item)
            }
            backlog.removeFirst()
        }
    }

    /// The next line that holds a request; others are noted.
    private mutating func nextItem() throws -> Item? {
        while let (number, bytes) = try source.next() {
            let line: JSONValue
            do throws(JSONError) {
                line = try JSONParser.parse(bytes)
            } catch {
                refuse("Line \(number) is not JSON: \(error)", number)
                continue
            }
            guard let object = line.objectValue else {
                refuse("Line \(number) is no JSON object.", number)
                continue
            }
            var params = try builder.parameters(line: object)
            let key = params["client_key"]?.stringValue ?? "\(keyPrefix)-\(number)"
            params["client_key"] = .string(key)
            return Item(number: number, key: key, params: params)
        }
        return nil
    }

    // MARK: Results

    private mutating func take(_ result: Result<JSONValue, ControlClientError>, _ item: Item) {
        switch result {
        case .failure(let error):
            statuses.append(session.report(error, about: "line \(item.number)"))
            note(item, "error", error.reply?.json ?? ["message": .string(error.message)])
        case .success(let value) where method == "jobs.check":
            let isGood = value["ok"]?.boolValue ?? false
            statuses.append(isGood ? .done : .refused)
            note(item, "check", value)
            if session.console.json {
                session.console.jsonLine(value)
            } else {
                for finding in Finding.all(in: value["errors"]) {
                    session.console.out.line(finding.line(word: "line \(item.number)", .failure))
                }
            }
        case .success(let value):
            guard let job = Job(value["job"]) else { return }
            statuses.append(.done)
            known += value["duplicate"]?.boolValue == true ? 1 : 0
            accepted.append((job.id, value.objectValue ?? JSONObject()))
            note(item, "job_id", .string(job.id))
            if printsResults {
                session.console.json ? session.console.jsonLine(value) : session.console.data(job.id)
            }
        }
    }

    private mutating func refuse(_ message: String, _ number: Int) {
        statuses.append(session.report(CommandFailure(.refused, message)))
        note(number, nil, "error", ["message": .string(message)])
    }

    private func note(_ item: Item, _ name: String, _ value: JSONValue) {
        note(item.number, item.key, name, value)
    }

    private func note(_ number: Int, _ key: String?, _ name: String, _ value: JSONValue) {
        var line = JSONObject(["line": .integer(number), "client_key": .optional(key)])
        line[name] = value
        notes?.write(JSONValue.object(line).text + "\n")
    }

    private func tellSummary(_ word: String) {
        let good = statuses.count { $0 == .done }
        let again = known > 0 ? " (\(known) of them before)" : ""
        let bad = statuses.count - good
        session.console.note(
            StyledText(
                "\(statuses.count) lines: \(good) \(word)\(again)" + (bad > 0 ? ", \(bad) refused" : "")
            )
        )
        if bad > 0, method == "jobs.submit" {
            tellHowToGoOn()
        }
    }

    /// Says how to repeat the run without paying twice.
    private func tellHowToGoOn() {
        session.console.note(
            StyledText(
                "To go on with this run, repeat it with --key \(keyPrefix): no line is submitted twice."
            )
        )
    }
}
