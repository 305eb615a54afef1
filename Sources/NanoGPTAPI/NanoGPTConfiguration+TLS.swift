import NIOSSL

extension NanoGPTConfiguration {
    /// Checks a file with additional trusted CAs without taking it.
    ///
    /// - Parameter path: A PEM file.
    /// - Throws: `NanoGPTAPIError` that names the file.
    public static func checkCAFile(_ path: String) throws(NanoGPTAPIError) {
        _ = try certificates(in: path)
    }

    /// TLS with the system's trusted CAs and ours.
    func tls() throws(NanoGPTAPIError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        guard let caFile else { return tls }
        tls.additionalTrustRoots = [.certificates(try Self.certificates(in: caFile))]
        return tls
    }

    private static func certificates(in path: String) throws(NanoGPTAPIError) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw NanoGPTAPIError(.caFileUnusable, "the CA file \(path) cannot be read", cause: error)
        }
        guard !certificates.isEmpty else {
            throw NanoGPTAPIError(.caFileUnusable, "the CA file \(path) holds no certificate")
        }
        return certificates
    }
}
