extension ConfigurationKey {
    /// The value that is in force, as it can be written; equal texts mean equal values.
    func value(_ configuration: DaemonConfiguration) -> String {
        let (api, control, output) = (configuration.api, configuration.control, configuration.output)
        let (state, jobs) = (configuration.state, configuration.jobs)
        switch name {
        case "api.base_url": return api.baseURL
        case "api.key_file": return api.keyFile ?? ""
        case "api.request_timeout": return api.requestTimeout.written
        case "api.maximum_body": return "\(api.maximumBody)"
        case "api.ca_file": return api.caFile ?? ""
        case "api.submit_per_minute": return "\(api.submitPerMinute)"
        case "api.requests_per_second": return "\(api.requestsPerSecond)"
        case "control.socket": return control.socket
        case "control.mode": return control.mode.octal
        case "control.connections": return "\(control.connections)"
        case "control.connections_per_uid": return "\(control.connectionsPerUID)"
        case "control.admins": return control.admins.joined(separator: ",")
        case "control.visibility": return control.everybodySeesAll ? "all" : "own"
        case "output.directory": return output.directory
        case "output.staging_directory": return output.stagingDirectory
        case "output.file_name": return output.fileName
        case "output.mode": return output.mode.octal
        case "output.minimum_free": return "\(output.minimumFree)"
        case "output.maximum_bytes": return "\(output.maximumBytes)"
        case "output.receipt_request": return "\(output.receiptRequest)"
        case "state.directory": return state.directory ?? "none"
        case "state.media_bytes": return "\(state.mediaBytes)"
        case "jobs.maximum_active": return "\(jobs.maximumActive)"
        case "jobs.maximum_queued": return "\(jobs.maximumQueued)"
        case "jobs.keep_finished": return jobs.keepFinished.written
        case "jobs.give_up_after": return jobs.giveUpAfter.written
        case "jobs.confirm_for": return jobs.confirmFor.written
        case "polling.minimum": return jobs.pollingMinimum.written
        case "polling.maximum": return jobs.pollingMaximum.written
        case "log.level": return "\(configuration.logLevel)"
        default: return ""
        }
    }
}

extension UInt32 {
    /// Permission bits in octal, `0640`.
    var octal: String {
        let digits = String(self, radix: 8)
        return String(repeating: "0", count: digits.count < 3 ? 4 - digits.count : 1) + digits
    }
}

extension Duration {
    /// The duration as a value is written: `60s`, or `1500ms` where it is no whole number of seconds.
    var written: String {
        let (seconds, attoseconds) = components
        guard attoseconds != 0 else { return "\(seconds)s" }
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}
