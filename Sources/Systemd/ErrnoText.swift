import Glibc

/// The C library's words for an error number.
///
/// `strerror` shares one buffer between threads; `strerror_r` writes into ours.
///
/// - Parameter number: A positive errno value.
/// - Returns: For example `No such file or directory`.
func errnoText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count - 1) == 0 else {
        return "errno \(number)"
    }
    let end = buffer.firstIndex(of: 0) ?? buffer.endIndex
    return String(decoding: buffer[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
}
