internal import Glibc

/// A connected `AF_UNIX` stream socket whose waits end at a deadline or when another descriptor says so.
///
/// The descriptor itself never blocks: a call that is written while the daemon waits for us to take its
/// answers would otherwise wait for ever.
struct StreamSocket: ~Copyable {
    /// Closes the descriptor, also when the initialiser throws.
    private struct Owned: ~Copyable {
        let number: Int32

        deinit {
            close(number)
        }
    }

    private let owned: Owned
    /// A descriptor that ends every wait when it becomes readable, or -1.
    private let interruption: Int32
    private let path: String

    init(connectingTo path: String, interruption: Int32?) throws(ControlClientError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        let name = Array(path.utf8)
        guard !name.isEmpty, name.count < room, !name.contains(0) else {
            throw ControlClientError(
                .unreachable,
                "The socket path '\(path)' must have 1 to \(room - 1) bytes."
            )
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else {
            throw ControlClientError(.unreachable, "No socket can be made: \(Self.text(errno)).")
        }
        let owned = Owned(number: descriptor)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // A connect that a signal interrupted goes on by itself; whether it succeeded shows when it is used.
        if result != 0, errno != EINTR {
            throw Self.connectError(errno, path)
        }
        try self.init(owned: owned, name: path, interruption: interruption)
    }

    /// Takes over a descriptor that is connected already.
    init(connected descriptor: Int32, name: String, interruption: Int32?) throws(ControlClientError) {
        try self.init(owned: Owned(number: descriptor), name: name, interruption: interruption)
    }

    private init(owned: consuming Owned, name: String, interruption: Int32?) throws(ControlClientError) {
        let descriptor = owned.number
        guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
            throw ControlClientError(
                .unreachable,
                "The socket \(name) cannot be set up: \(Self.text(errno))."
            )
        }
        self.owned = owned
        self.interruption = interruption ?? -1
        path = name
    }

    /// The connected descriptor.
    var descriptor: Int32 {
        owned.number
    }

    private static func connectError(_ number: Int32, _ path: String) -> ControlClientError {
        switch number {
        case ENOENT, ENOTDIR: ControlClientError(.socketMissing, "There is no socket \(path).")
        case ECONNREFUSED, EPROTOTYPE, ENOTSOCK: ControlClientError(.refused, "Nobody listens on \(path).")
        case EACCES, EPERM: ControlClientError(.notPermitted, "You may not connect to \(path).")
        default: ControlClientError(.unreachable, "Connecting to \(path) failed: \(text(number)).")
        }
    }

    /// The readiness of the socket, 0 when the deadline passed.
    private func ready(for events: Int32, until deadline: Duration?) throws(ControlClientError) -> Int32 {
        try Self.ready(descriptor, for: events, until: deadline, interruption: interruption)
    }

    /// Waits until the deadline.
    static func pause(until deadline: Duration, interruption: Int32) throws(ControlClientError) {
        _ = try ready(-1, for: 0, until: deadline, interruption: interruption)
    }

    private static func ready(
        _ descriptor: Int32,
        for events: Int32,
        until deadline: Duration?,
        interruption: Int32
    ) throws(ControlClientError) -> Int32 {
        while true {
            var waits = -1 as Int32
            if let deadline {
                waits = Int32(clamping: max(0, (deadline - SystemTime.monotonic).roundedUpMilliseconds))
            }
            // An array, not a tuple: poll wants neighbours in memory. A negative descriptor is skipped.
            var descriptors = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&descriptors, nfds_t(descriptors.count), waits)
            if count < 0 {
                guard errno == EINTR else {
                    throw ControlClientError(.unreachable, "Waiting for the daemon failed: \(text(errno)).")
                }
                continue
            }
            if descriptors[1].revents != 0 {
                throw ControlClientError(.interrupted, "Interrupted while waiting for the daemon.")
            }
            if descriptors[0].revents != 0 {
                return Int32(descriptors[0].revents)
            }
            if count == 0, waits < Int32.max {
                return 0
            }
        }
    }

    /// Reads what is there, waiting for something.
    ///
    /// - Returns: Whether something came before the deadline.
    func receive(into buffer: inout LineBuffer, until deadline: Duration?) throws(ControlClientError) -> Bool
    {
        while true {
            guard try ready(for: POLLIN, until: deadline) != 0 else { return false }
            if try receiveAvailable(into: &buffer) {
                return true
            }
        }
    }

    private func receiveAvailable(into buffer: inout LineBuffer) throws(ControlClientError) -> Bool {
        let (count, number) = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { chunk in
            let count = recv(descriptor, chunk.baseAddress, chunk.count, 0)
            // Read before anything else can change it.
            let number = count < 0 ? errno : 0
            if count > 0 {
                buffer.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            }
            return (count, number)
        }
        if count > 0 {
            return true
        }
        if count < 0, number == EAGAIN || number == EINTR {
            return false
        }
        throw ControlClientError(
            .disconnected,
            "The connection to \(path) was cut" + (count == 0 ? "." : ": \(Self.text(number)).")
        )
    }

    /// Writes all bytes, taking what the daemon sends meanwhile.
    func send(
        _ bytes: [UInt8],
        receivingInto buffer: inout LineBuffer,
        until deadline: Duration?
    ) throws(ControlClientError) {
        var sent = 0
        while sent < bytes.count {
            let (count, number) = bytes.withUnsafeBytes { all in
                let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
                // Without the flag a daemon that went away would end this process by SIGPIPE.
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                return (count, count < 0 ? errno : 0)
            }
            if count >= 0 {
                sent += count
                continue
            }
            switch number {
            case EINTR: continue
            case EAGAIN:
                let readiness = try ready(for: POLLIN | POLLOUT, until: deadline)
                guard readiness != 0 else {
                    throw ControlClientError(.timedOut, "The daemon at \(path) does not read.")
                }
                if readiness & POLLIN != 0 {
                    _ = try receiveAvailable(into: &buffer)
                }
            default:
                throw ControlClientError(
                    .disconnected,
                    "The connection to \(path) was cut: \(Self.text(number))."
                )
            }
        }
    }

    private static func text(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
