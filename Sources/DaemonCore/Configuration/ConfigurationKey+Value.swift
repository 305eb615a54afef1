extension ConfigurationKey {
    /// The value that is in force, as text; equal texts mean equal values.
    func value(_ configuration: DaemonConfiguration) -> String {
        let (api, control, output) = (configuration.api, configuration.control, configuration.output)
        let (state, jobs) = (configuration.state, configuration.jobs)
        switch name {
        case "api.base_url": return api.baseURL
        case "api.key_file": return api.keyFile ?? ""
        case "api.request_timeout": return "\(api.requestTimeout)"
        case "api.maximum_body": return "\(api.maximumBody)"
        case "api.ca_file": return api.caFile ?? ""
        case "api.submit_per_minute": return "\(api.submitPerMinute)"
        case "api.requests_per_second": return "\(api.requestsPerSecond)"
        case "control.socket": return control.socket
        case "control.mode": return "\(control.mode)"
        case "control.connections": return "\(control.connections)"
        case "control.connections_per_uid": return "\(control.connectionsPerUID)"
        case "control.admins": return control.admins.joined(separator: ",")
        case "control.visibility": return "\(control.everybodySeesAll)"
        case "output.directory": return output.directory
        case "output.staging_directory": return output.stagingDirectory
        case "output.file_name": return output.fileName
        case "output.mode": return "\(output.mode)"
        case "output.minimum_free": return "\(output.minimumFree)"
        case "output.maximum_bytes": return "\(output.maximumBytes)"
        case "output.receipt_request": return "\(output.receiptRequest)"
        case "state.directory": return state.directory ?? "none"
        case "state.media_bytes": return "\(state.mediaBytes)"
        case "jobs.maximum_active": return "\(jobs.maximumActive)"
        case "jobs.maximum_queued": return "\(jobs.maximumQueued)"
        case "jobs.keep_finished": return "\(jobs.keepFinished)"
        case "jobs.give_up_after": return "\(jobs.giveUpAfter)"
        case "jobs.confirm_for": return "\(jobs.confirmFor)"
        case "polling.minimum": return "\(jobs.pollingMinimum)"
        case "polling.maximum": return "\(jobs.pollingMaximum)"
        case "log.level": return "\(configuration.logLevel)"
        default: return ""
        }
    }
}
