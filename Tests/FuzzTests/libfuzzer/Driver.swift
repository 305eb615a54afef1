/// What libFuzzer calls; `run.sh` builds it with the targets, outside of the package.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    do {
        #if FUZZ_JSON
        try JSONTarget.run(input)
        #elseif FUZZ_ENVELOPE
        try EnvelopeTarget.run(input)
        #else
        try ParamsTarget.run(input)
        #endif
    } catch {
        // libFuzzer takes a trap for a finding and keeps the input.
        fatalError("\(error)")
    }
    return 0
}
