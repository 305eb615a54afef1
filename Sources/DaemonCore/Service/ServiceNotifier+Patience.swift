import Systemd

extension ServiceNotifier {
    /// Keeps the service manager patient while something takes long, until the task is cancelled.
    ///
    /// Reading a large journal takes longer than any time-out of a unit should be.
    func extendTimeoutUntilCancelled() async {
        while !Task.isCancelled {
            extendTimeout(by: .seconds(90))
            // Cancelled when what takes long is over; then the loop ends.
            try? await Task.sleep(for: .seconds(30))
        }
    }
}
