import Glibc
import NIOCore
import NIOPosix

/// Turns host names into addresses, for the check that a download leads to a public one.
protocol HostResolver: Sendable {
    /// The addresses of a host in the order in which they should be tried.
    ///
    /// - Parameters:
    ///   - host: The name.
    ///   - timeout: How long to wait.
    ///   - eventLoop: Measures the time.
    /// - Returns: At least one address.
    /// - Throws: When there are none, in time; `CancellationError`.
    func addresses(
        of host: String,
        timeout: Duration,
        on eventLoop: any EventLoop
    ) async throws -> [IPAddress]
}

/// Why a host name has no addresses.
enum HostResolverError: Error {
    case notFound
    case timedOut
}

/// The system's resolver, on the shared thread pool because it blocks.
struct SystemHostResolver: HostResolver {
    func addresses(
        of host: String,
        timeout: Duration,
        on eventLoop: any EventLoop
    ) async throws -> [IPAddress] {
        let promise = eventLoop.makePromise(of: [IPAddress].self)
        // The look-up cannot be interrupted; whoever comes first fulfils the promise, later ones are ignored.
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try Self.lookUp(host) }.cascade(
            to: promise
        )
        let timer = eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(HostResolverError.timedOut)
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    private static func lookUp(_ host: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let first = list else {
            throw HostResolverError.notFound
        }
        defer { freeaddrinfo(first) }
        var found: [IPAddress] = []
        var entry: UnsafeMutablePointer<addrinfo>? = first
        while let current = entry?.pointee {
            if let address = current.ai_addr.flatMap({ Self.address($0) }), !found.contains(address) {
                found.append(address)
            }
            entry = current.ai_next
        }
        guard !found.isEmpty else { throw HostResolverError.notFound }
        return found
    }

    private static func address(_ pointer: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        let raw = UnsafeRawPointer(pointer)
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET:
            var address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            return IPAddress(bytes: withUnsafeBytes(of: &address) { Array($0) })
        case AF_INET6:
            var address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return IPAddress(bytes: withUnsafeBytes(of: &address) { Array($0) })
        default: return nil
        }
    }
}
