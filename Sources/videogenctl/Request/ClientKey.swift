/// Keys that make a submission safe to repeat.
enum ClientKey {
    /// A fresh key: 128 random bits in hexadecimal digits.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        let value = UInt128.random(in: 0...UInt128.max, using: &random)
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
