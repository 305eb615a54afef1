import HTTPTypes

extension SimulatorState {
    /// The answer to a submission that made a run, or what the behaviours make of it.
    mutating func acceptance(of job: SimulatedJob, _ order: Order, _ currency: Currency) -> Reply {
        if takes(.resetAfterAccept, of: order, default: .max) { return .reset }
        if takes(.errorAfterAccept, of: order, default: .max) {
            return .statusError(.internalServerError, "Internal server error")
        }
        if takes(.gatewayAfterAccept, of: order, default: .max) {
            return .html(.gatewayTimeout, title: "504 Gateway Time-out")
        }
        let body = acceptanceBody(of: job, currency)
        if takes(.garbledAfterAccept, of: order, default: .max) {
            let bytes = body.bytes
            return .encoded(Array(bytes.prefix(bytes.count / 2)), .accepted)
        }
        if takes(.cutAfterAccept, of: order, default: .max) {
            var reply = Reply.json(body, .accepted)
            reply.ending = .cut
            return reply
        }
        let late = order.behaviours.number(.timeoutAfterAccept, default: 120)
        let slow = order.behaviours.number(.slowAccept, default: 3)
        let status: HTTPResponse.Status = order.behaviours.contains(.submit200) ? .ok : .accepted
        return Reply.json(body, status).after(seconds: late ?? slow ?? 0)
    }

    private func acceptanceBody(of job: SimulatedJob, _ currency: Currency) -> JSONValue {
        let status = job.behaviours.value(of: .submitStatus) ?? "pending"
        if job.behaviours.contains(.submitMinimal) {
            return ["runId": .string(job.runID), "model": .string(job.model), "status": .string(status)]
        }
        let isOld = job.behaviours.contains(.submitS1)
        return .members([
            "runId": .string(job.runID),
            "id": isOld ? nil : .string(job.runID),
            "status": .string(status),
            "model": .string(job.model),
            "cost": .number(Double(job.costMicros) / 1_000_000),
            "paymentSource": .string(currency.rawValue),
            "remainingBalance": .number(Double(account[currency]) / 1_000_000),
            "projectId": job.behaviours.contains(.submitProject)
                ? "00000000-0000-4000-8000-000000000000" : nil,
            "prechargeLabel": isOld ? nil : .string("Video generation (\(job.model))"),
        ])
    }
}
