import JSON
import Testing

extension EndToEnd {
    @Suite("HTTPS to the API")
    struct SecureTransportTests {
        /// Makes an authority and a certificate for a name, runs the simulator with it and a daemon that asks there.
        private func with(
            name: String,
            trusted: Bool,
            _ body: (DaemonFixture) throws -> Void
        ) throws {
            try TestFolder.with { folder in
                _ = try Programs.shell(
                    """
                    cd \(folder.path)
                    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test authority' \
                        -keyout ca.key -out ca.pem 2>&1
                    openssl req -newkey rsa:2048 -nodes -subj '/CN=Simulator' -keyout key.pem -out request.pem 2>&1
                    printf 'subjectAltName=\(name)\\n' > extensions
                    openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
                        -extfile extensions -out certificate.pem 2>&1
                    """
                )
                try DaemonFixture.with(
                    simulator: [
                        "--tls-certificate", folder("certificate.pem"), "--tls-key", folder("key.pem"),
                    ],
                    environment: trusted ? ["VIDEOGEND_API_CA_FILE": folder("ca.pem")] : [:],
                    body
                )
            }
        }

        @Test("an authority of our own", .timeLimit(.minutes(1)))
        func trusted() throws {
            try with(name: "IP:127.0.0.1,DNS:localhost", trusted: true) { fixture in
                #expect(fixture.simulator.baseURL.hasPrefix("https:"))
                let job = try fixture.run("x")
                #expect(job["state"] == "completed", "\(job.text)")
                #expect(try fixture.simulator.ledger().charges.count == 1)
                let routes = try fixture.simulator.get("requests")["routes"]
                // A paid request has a connection of its own; all else shares one.
                #expect(routes?["submit"]?["requests"] == 1 && routes?["submit"]?["over_http2"] == 0)
                let status = routes?["status"]
                #expect(
                    status?["requests"] != 0 && status?["over_http2"] == status?["requests"],
                    "\(routes?.text ?? "")"
                )
            }
        }

        @Test("an unknown authority: nothing is sent, and it says so", .timeLimit(.minutes(1)))
        func unknownAuthority() throws {
            try with(name: "IP:127.0.0.1,DNS:localhost", trusted: false, refuses)
        }

        @Test("a certificate for another host: nothing is sent, and it says so", .timeLimit(.minutes(1)))
        func wrongHost() throws {
            try with(name: "DNS:other.example", trusted: true, refuses)
        }

        private func refuses(_ fixture: DaemonFixture) throws {
            let id = try fixture.submit("x")
            let text = try Deadline(after: .seconds(15)).first("words about the certificate") {
                let job = try fixture.job(id)
                let api = try fixture.call("daemon.status")["api"]
                let text = "\(job["reason"]?.stringValue ?? "") \(api?["last_error"]?.text ?? "")"
                return job["state"] == "queued" && text.lowercased().contains("certificate") ? text : nil
            }
            #expect(!text.contains(Simulator.key))
            let requests = try fixture.simulator.get("requests")["routes"]?["submit"]?["requests"] ?? 0
            #expect(requests == 0)
            #expect(try fixture.simulator.ledger().charges.isEmpty)
        }
    }
}
