import HTTPTypes

extension SimulatorState {
    /// Answers a request to the endpoints under `/__simulator/`, which the real service does not have.
    mutating func control(_ request: APIRequest, at now: Int64) -> Reply {
        guard request.isLocal else { return .error(.forbidden, "Only for clients on the same machine") }
        let name = String(request.path.dropFirst("/__simulator".count).drop { $0 == "/" })
        do {
            switch request.method {
            case .get: return try shown(name, at: now)
            case .post: return try changed(name, request, at: now)
            case .delete where name == "rules":
                rules = []
                return .json(["rules": []])
            default: return .error(.methodNotAllowed, "Method not allowed")
            }
        } catch {
            return .json(["error": .string("\(error)")], .badRequest)
        }
    }

    private mutating func shown(_ name: String, at now: Int64) throws -> Reply {
        switch name {
        case "": return .json(overview)
        case "ledger":
            settle(at: now)
            return .json(ledger.json)
        case "jobs":
            return .json(["jobs": .array(reports(at: now).map(\.json))])
        case "requests": return .json(tally.json)
        case "rules": return .json(rulesReport)
        case "settings": return .json(settings.json)
        case "outage": return .json(["outages": .array(outages.map(\.outage.json))])
        case "balance": return balance(at: now)
        case "behaviours": return .json(Self.behaviourList)
        default: return Self.unknownRoute
        }
    }

    private mutating func changed(_ name: String, _ request: APIRequest, at now: Int64) throws -> Reply {
        let body = try request.body.map { try Self.parsed($0) } ?? .object([])
        switch name {
        case "rules":
            try addRules(body)
            return .json(rulesReport)
        case "settings":
            try changeSettings(body)
            return .json(settings.json)
        case "outage":
            let outage = try Outage.reading(body)
            if let outage { begin(outage, at: now) } else { outages = [] }
            return .json(["outages": .array(outages.map(\.outage.json))])
        case "balance":
            try setBalance(body, at: now)
            return balance(at: now)
        case "finish":
            return .json(["finished": .integer(try finish(body["run_id"]?.string, at: now))])
        case "reset":
            reset(keepingRules: body["keep_rules"]?.bool ?? false)
            return .json(["reset": true])
        default: return Self.unknownRoute
        }
    }

    private static func parsed(_ bytes: [UInt8]) throws -> JSONValue {
        guard !bytes.isEmpty else { return .object([]) }
        do {
            return try JSONReader.value(of: bytes)
        } catch {
            throw SimulatorError(.invalidInput, "The body is not JSON (at byte \(error.offset))")
        }
    }

    private var overview: JSONValue {
        [
            "base_url": .string(baseURL),
            "media_url": .string(mediaURL),
            "get": ["ledger", "jobs", "requests", "rules", "settings", "outage", "balance", "behaviours"],
            "post": ["rules", "settings", "outage", "balance", "finish", "reset"],
            "delete": ["rules"],
        ]
    }

    private var rulesReport: JSONValue {
        let list = rules.map { active in
            JSONValue.object(active.rule.json.members + [.init(name: "used", value: .integer(active.used))])
        }
        return ["rules": .array(list)]
    }

    private static var behaviourList: JSONValue {
        let list = Behaviour.allCases.map { behaviour in
            JSONValue.members([
                "name": .string(behaviour.rawValue),
                "value": behaviour.valueHint.map { .string($0) },
                "summary": .string(behaviour.summary),
            ])
        }
        return ["behaviours": .array(list)]
    }

    /// What is known about all runs, in the order in which they were made.
    func reports(at now: Int64) -> [JobReport] {
        order.compactMap { jobs[$0].map { JobReport($0, at: now) } }
    }

    private mutating func addRules(_ body: JSONValue) throws {
        let list: [JSONValue] =
            if case .array(let rules) = body { rules } else { body["rules"]?.elements ?? [body] }
        let new = try list.map { try SimulatorRule($0) }
        if body["replace"]?.bool == true { rules = [] }
        rules += new.map { ActiveRule(rule: $0) }
    }

    private mutating func changeSettings(_ body: JSONValue) throws {
        let others = body.members.filter { $0.name != "api_key" }
        try settings.apply(.object(others))
        guard let value = body["api_key"] else { return }
        guard let key = value.string else { throw SimulatorError(.invalidInput, "api_key must be a text") }
        setKey(key)
    }

    /// Replaces the valid keys by one, which takes over the runs of the old ones; empty accepts any key.
    mutating func setKey(_ key: String) {
        let old = apiKeys
        apiKeys = key.isEmpty ? [] : [key]
        guard !key.isEmpty else { return }
        for runID in order {
            guard let owner = jobs[runID]?.apiKey, old.isEmpty || old.contains(owner) else { continue }
            jobs[runID]?.apiKey = key
        }
    }

    /// Starts an outage.
    mutating func begin(_ outage: Outage, at now: Int64) {
        outages.append(ActiveOutage(outage: outage, endsAt: outage.seconds.map { now + Int64($0 * 1000) }))
    }

    private mutating func setBalance(_ body: JSONValue, at now: Int64) throws {
        settle(at: now)
        for (name, currency) in [("usd", Currency.usd), ("nano", Currency.xno)] where body.has(name) {
            guard let amount = body[name]?.number, abs(amount) < 1e9 else {
                throw SimulatorError(.invalidInput, "\(name) must be a number")
            }
            account[currency] = Int64((amount * 1_000_000).rounded())
        }
    }

    /// Ends runs now: one, or all.
    ///
    /// - Returns: How many were ended.
    mutating func finish(_ runID: String?, at now: Int64) throws -> Int {
        if let runID, jobs[runID] == nil { throw SimulatorError(.invalidInput, "There is no run \(runID)") }
        var count = 0
        for id in runID.map({ [$0] }) ?? order {
            guard var job = jobs[id], !job.phase(at: now).isOver else { continue }
            job.duration = max(0, now - job.createdAt)
            job.behaviours.remove(.stuck)
            job.behaviours.remove(.stuckRunning)
            jobs[id] = job
            count += 1
        }
        return count
    }
}
