extension SimulatorState {
    /// The present URLs of a run's videos; expired ones are replaced.
    func signedURLs(of job: inout SimulatedJob, at now: Int64) -> [String] {
        if job.urlGeneration == 0 || job.urlExpiry <= now {
            job.urlGeneration += 1
            let bornExpired = job.urlGeneration <= job.behaviours.times(.expired, default: 1) ?? 0
            job.urlExpiry = bornExpired ? now - 1000 : now + Int64(settings.urlLifetimeSeconds * 1000)
        }
        let expiry = job.urlExpiry
        let name = "\(mediaURL)/videos/\(job.runID)"
        return (0..<job.videoCount).map { index in
            let path = "/videos/\(job.runID)-\(index).\(job.fileExtension)"
            return "\(name)-\(index).\(job.fileExtension)?\(query(for: path, expiry: expiry))"
        }
    }

    /// The query that makes a path work until a time.
    func query(for path: String, expiry: Int64) -> String {
        let seconds = Int(settings.urlLifetimeSeconds)
        let signature = signature(of: path, expiry: expiry)
        return "X-Amz-Expires=\(seconds)&expires=\(expiry)&X-Amz-Signature=\(signature)"
    }

    /// A signature that only has to notice mistakes: FNV-1a over secret, path and expiry.
    func signature(of path: String, expiry: Int64) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ secret
        for byte in "\(path)?\(expiry)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
