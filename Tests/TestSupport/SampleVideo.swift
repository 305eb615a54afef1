import Crypto

/// Bytes that pass for a video.
public enum SampleVideo {
    /// An ISO media header with pseudo-random bytes behind it.
    ///
    /// - Parameters:
    ///   - length: How many bytes, 16 or more.
    ///   - seed: Of equal seeds the bytes are equal.
    /// - Returns: The bytes.
    public static func mp4(length: Int, seed: UInt64 = 1) -> [UInt8] {
        bytes([0, 0, 0, 16] + Array("ftypisom".utf8) + [0, 0, 2, 0], length: length, seed: seed)
    }

    /// An EBML header with pseudo-random bytes behind it.
    ///
    /// - Parameter length: How many bytes, 4 or more.
    /// - Returns: The bytes.
    public static func webm(length: Int) -> [UInt8] {
        bytes([0x1A, 0x45, 0xDF, 0xA3], length: length, seed: 1)
    }

    /// The SHA-256 in lower-case hexadecimal.
    ///
    /// - Parameter bytes: The content.
    /// - Returns: 64 characters.
    public static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ head: [UInt8], length: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            for index in 0..<length {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                buffer[index] = index < head.count ? head[index] : UInt8(truncatingIfNeeded: state >> 56)
            }
            count = length
        }
    }
}
