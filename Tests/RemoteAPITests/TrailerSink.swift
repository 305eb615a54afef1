import JobEngine
import Synchronization

/// Takes a download and remembers its end.
final class TrailerSink: DownloadSink {
    private let bytes = Mutex<[UInt8]>([])
    let resumePoint: DownloadResumePoint? = nil

    func begin(_ head: DownloadHead) throws(DownloadSinkError) {
        bytes.withLock { $0 = [] }
    }

    func write(_ chunk: UnsafeRawBufferPointer) throws(DownloadSinkError) {
        bytes.withLock { $0 += chunk }
    }

    /// The last 128 bytes, in which the simulator writes which run and which of its videos it is.
    var trailer: String {
        bytes.withLock { String(decoding: $0.suffix(128), as: UTF8.self) }
    }
}
